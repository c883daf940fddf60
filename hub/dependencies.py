"""What routes ask for by type: a transaction, and somebody who may do what the route does.

Every route names the right that it needs with one of the aliases below (``Anybody``, ``MayReview``, …); a route that
names none is refused when the application is made.
"""

from collections.abc import AsyncIterator, Iterator
from typing import Annotated

from fastapi import Depends, Request
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from sqlalchemy.ext.asyncio import AsyncSession

from hub.auth.visiting import visitor_of
from hub.forms import sent_once
from hub.services import HubServices, given_services
from knowledge.access.rights import RIGHTS, NotAllowed, Right, SignInNeeded, Visitor
from knowledge.kit.unit_of_work import UnitOfWork, unit_of_work

Services = Annotated[HubServices, Depends(given_services)]


async def _read_session(services: Services) -> AsyncIterator[AsyncSession]:
    async with unit_of_work(services.database, writes=False) as unit:
        yield unit.session


async def write_unit(request: Request, services: Services) -> AsyncIterator[UnitOfWork]:
    """Open a transaction that writes; a form that acted already never gets one (``FormSentBefore``)."""
    async with unit_of_work(services.database) as unit, sent_once(request, unit):
        yield unit


# The function scope ends a transaction before the response is sent: what failed to commit never looks like success.
Reading = Annotated[AsyncSession, Depends(_read_session, scope="function")]
Writing = Annotated[UnitOfWork, Depends(write_unit, scope="function")]


class Requires:
    """Lets through whoever has a right.

    Args:
        right: the right.
        strong: whether a second factor is needed in this session even where the right itself needs none.

    Raises ``SignInNeeded`` where signing in (with a second factor) might help, ``NotAllowed`` where it does not.
    """

    def __init__(self, right: Right, *, strong: bool = False) -> None:
        self.right = right
        self.strong = strong

    async def __call__(self, request: Request) -> Visitor:
        """Return who it is."""
        visitor = await visitor_of(request)
        if visitor.may(self.right) and (visitor.second_factor or not self.strong):
            return visitor
        member = visitor.member
        if member is None or (self.right in RIGHTS[member.role] and not visitor.second_factor):
            raise SignInNeeded
        raise NotAllowed


Anybody = Annotated[Visitor, Depends(Requires(Right.LIBRARY_READ))]
Member = Annotated[Visitor, Depends(Requires(Right.ACCOUNT_MANAGE))]
StrongMember = Annotated[Visitor, Depends(Requires(Right.ACCOUNT_MANAGE, strong=True))]
MayContribute = Annotated[Visitor, Depends(Requires(Right.CONTRIBUTIONS_WRITE))]
MayUseNetwork = Annotated[Visitor, Depends(Requires(Right.NETWORK_USE))]
MayRelease = Annotated[Visitor, Depends(Requires(Right.CONTRIBUTIONS_RELEASE))]
MayReview = Annotated[Visitor, Depends(Requires(Right.REVIEW_DECIDE))]
MayManageLibrary = Annotated[Visitor, Depends(Requires(Right.LIBRARY_MANAGE))]
MayInvite = Annotated[Visitor, Depends(Requires(Right.MEMBERS_INVITE))]
MayManageMembers = Annotated[Visitor, Depends(Requires(Right.MEMBERS_MANAGE))]
MayReadOrganisations = Annotated[Visitor, Depends(Requires(Right.ORGANISATIONS_READ))]
MayManageOrganisations = Annotated[Visitor, Depends(Requires(Right.ORGANISATIONS_MANAGE))]
MayManageCircles = Annotated[Visitor, Depends(Requires(Right.CIRCLES_MANAGE))]
MayReadAnswers = Annotated[Visitor, Depends(Requires(Right.ANSWERS_READ))]
MayReadGaps = Annotated[Visitor, Depends(Requires(Right.GAPS_READ))]
MayManageTopics = Annotated[Visitor, Depends(Requires(Right.TOPICS_MANAGE))]
MayManageTrainings = Annotated[Visitor, Depends(Requires(Right.TRAININGS_MANAGE))]
MayReadAudit = Annotated[Visitor, Depends(Requires(Right.AUDIT_READ))]


def required(route: APIRoute) -> Requires | None:
    """Return the right that a route asks for."""
    return next(_needs(route.dependant), None)


def _needs(dependant: Dependant) -> Iterator[Requires]:
    if isinstance(dependant.call, Requires):
        yield dependant.call
    for inner in dependant.dependencies:
        yield from _needs(inner)
