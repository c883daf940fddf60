"""What the API's routes ask for by type: a caller who may do what the route does, and a transaction.

Each module in ``hub/api/routes`` has a ``router = APIRouter(tags=[…])``, which is collected by itself. Every route
names the right and the scope that it needs; one that names none is refused when the application is made::

    MayRead = Annotated[Caller, Depends(Requires(Right.NETWORK_USE, TokenScope.QUESTIONS_READ))]

    @router.get("/questions", summary="List open questions")      # the docstring is the description
    async def questions(caller: MayRead, session: Reading, paging: Paged) -> Page[Question]:

    @router.post("/questions", status_code=201, summary="Release a question")
    async def release(body: NewQuestion, caller: MayWrite, unit: Creating) -> Question:

``Creating`` (every POST that makes something) understands ``Idempotency-Key``; nothing else has to be done for that.
What is made once must depend on the transaction alone: no side effects before the commit (``unit.after_commit``).
"""

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Header, Request
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from sqlalchemy.ext.asyncio import AsyncSession

from hub.api.idempotency import LONGEST_KEY, once
from hub.services import HubServices, given_services
from knowledge.access.rights import NotAllowed, Right, SignInNeeded, Visitor
from knowledge.access.visibility import Viewer
from knowledge.kit.errors import AllmendeError
from knowledge.kit.language import _
from knowledge.kit.unit_of_work import UnitOfWork, unit_of_work
from knowledge.members.schemas import MemberEntry
from knowledge.tokens.schemas import TokenEntry
from knowledge.tokens.scopes import TokenScope

Services = Annotated[HubServices, Depends(given_services)]


class ScopeMissing(AllmendeError):
    """A token may not be used for this."""

    status = 403
    code = "api.scope_missing"

    def __init__(self, scope: TokenScope) -> None:
        super().__init__(_("This access may not be used for that: “{scope}” is missing.").format(scope=scope.value))
        self.headers = {"WWW-Authenticate": f'Bearer error="insufficient_scope", scope="{scope.value}"'}


class MemberNeeded(AllmendeError):
    """A service token is used for what only a person can do."""

    status = 403
    code = "api.member_needed"

    def __init__(self) -> None:
        super().__init__(_("Only a person's own access may be used for that, not one of a service."))


class TokenNeeded(SignInNeeded):
    """No token was sent."""

    code = "api.token_needed"

    def __init__(self) -> None:
        AllmendeError.__init__(self, _("This needs an access for programs: a token in the header Authorization."))
        self.headers = {"WWW-Authenticate": "Bearer"}


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls the API: nobody known, a member by a personal token, or a system by a service token.

    ``visitor`` is what the hub's pages have: rights (already no more than the member has now), viewer, scope of a
    moderator. ``address`` is where the request comes from.
    """

    visitor: Visitor
    token: TokenEntry | None
    address: str

    @property
    def viewer(self) -> Viewer:
        """What decides what they find."""
        return self.visitor.viewer

    @property
    def member(self) -> MemberEntry:
        """The member. Raises ``MemberNeeded`` for services, ``TokenNeeded`` for nobody known."""
        if self.visitor.member is not None:
            return self.visitor.member
        raise TokenNeeded if self.token is None else MemberNeeded

    @property
    def member_id(self) -> UUID | None:
        """Who it is, where it is a member."""
        return self.visitor.member_id

    @property
    def organisation_id(self) -> UUID | None:
        """The member's organisation, or the service's."""
        if self.visitor.member is not None:
            return self.visitor.member.organisation_id
        return self.token.organisation_id if self.token else None

    def may(self, right: Right, scope: TokenScope | None = None) -> bool:
        """Whether they may do something; with ``scope``, also whether their token may be used for it."""
        return self.visitor.may(right) and (scope is None or self.token is None or self.token.allows(scope))


def caller_of(request: Request) -> Caller:
    """Return who calls, as found when the request came in (``hub.api.admission``)."""
    found: Caller = request.state.caller
    return found


class Requires:
    """Lets through whoever has a right, by a token with a scope.

    Args:
        right: the right.
        scope: what the token must be for.
        free: whether it goes without a token, too (as a stranger, for what is public).
        member: whether it must be a person, not a service.

    Raises ``TokenNeeded`` (401), ``ScopeMissing``, ``MemberNeeded``, ``NotAllowed`` (403).
    """

    def __init__(self, right: Right, scope: TokenScope, *, free: bool = False, member: bool = False) -> None:
        self.right = right
        self.scope = scope
        self.free = free
        self.member = member

    async def __call__(self, request: Request) -> Caller:
        """Return who calls."""
        caller = caller_of(request)
        if caller.token is None:
            if not self.free:
                raise TokenNeeded
            return caller
        if not caller.token.allows(self.scope):
            raise ScopeMissing(self.scope)
        if self.member and caller.visitor.member is None:
            raise MemberNeeded
        if not caller.visitor.may(self.right):
            raise NotAllowed
        return caller


async def _read_session(services: Services) -> AsyncIterator[AsyncSession]:
    async with unit_of_work(services.database, writes=False) as unit:
        yield unit.session


async def _write_unit(services: Services) -> AsyncIterator[UnitOfWork]:
    async with unit_of_work(services.database) as unit:
        yield unit


async def _create_unit(
    request: Request,
    services: Services,
    idempotency_key: Annotated[
        str | None,
        Header(
            alias="Idempotency-Key",
            min_length=1,
            max_length=LONGEST_KEY,
            pattern=r"^[\x21-\x7e]+$",
            description=(
                "Any text of yours, such as a UUID. The same request with the same key within 24 hours makes nothing "
                "new and gets the same answer; another request with the same key is refused (422)."
            ),
            examples=["5f0c8a4e-0d8e-4f57-9d0a-2f6f0f3c9d11"],
        ),
    ] = None,
) -> AsyncIterator[UnitOfWork]:
    caller = caller_of(request)
    async with unit_of_work(services.database) as unit, once(request, unit, token=caller.token, key=idempotency_key):
        yield unit


# The function scope ends a transaction before the response is sent: what failed to commit never looks like success.
Reading = Annotated[AsyncSession, Depends(_read_session, scope="function")]
Writing = Annotated[UnitOfWork, Depends(_write_unit, scope="function")]
Creating = Annotated[UnitOfWork, Depends(_create_unit, scope="function")]


def required(route: APIRoute) -> Requires | None:
    """Return the right and the scope that a route asks for."""
    return next((call for call in calls_of(route.dependant) if isinstance(call, Requires)), None)


def creates(route: APIRoute) -> bool:
    """Whether a route makes something, and so understands ``Idempotency-Key``."""
    return _create_unit in calls_of(route.dependant)


def writes(route: APIRoute) -> bool:
    """Whether a route changes something."""
    return creates(route) or _write_unit in calls_of(route.dependant)


def calls_of(dependant: Dependant) -> Iterator[object]:
    """Yield everything that a route depends on."""
    for inner in dependant.dependencies:
        yield inner.call
        yield from calls_of(inner)
