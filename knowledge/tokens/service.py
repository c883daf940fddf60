"""Tokens for programs: made by members for themselves, by administrators for other systems; and whom they let act.

The token itself is shown once and kept as a digest. A personal token never has more rights than its member has at the
moment of a request, and without a second factor when it was made never more than every member has.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from knowledge.access.repository import SessionRepository
from knowledge.access.rights import NotAllowed, Right, SignInNeeded, Visitor
from knowledge.access.secrets import LONGEST_TOKEN, make_token, token_digest
from knowledge.access.sessions import Organised, WayIn, member_visitor
from knowledge.access.visibility import anybody, network_member
from knowledge.audit.service import record
from knowledge.kit.cleaning import clean_text
from knowledge.kit.clock import now, today
from knowledge.kit.errors import InvalidInput, NotFound
from knowledge.kit.ids import new_id
from knowledge.kit.language import _, ngettext
from knowledge.models.organisation import Organisation
from knowledge.models.token import ApiToken, TokenKind
from knowledge.organisations.service import OrganisationService
from knowledge.privacy.taken_back.kinds import TakenBack
from knowledge.privacy.taken_back.noting import note_taken_back
from knowledge.tokens.repository import NamedRow, TokenRepository
from knowledge.tokens.schemas import IssuedToken, TokenEntry, TokenPresence
from knowledge.tokens.scopes import (
    FOR_SERVICES,
    PUBLIC_SERVICE_RIGHTS,
    RIGHT_NEEDED,
    SERVICE_RIGHTS,
    TokenScope,
    needs_second_factor,
)

# By this, whoever finds one in a file knows what it is.
PREFIX = "allmende_"
# Characters of a token that are kept to tell one from another.
HINT = len(PREFIX) + 4
LONGEST_NAME = 100
# Nobody gets one for longer.
LONGEST_DAYS, USUAL_DAYS = 365, 90
# Tokens that work at once: of one member, and of all services.
MOST_OWN, MOST_SERVICES = 20, 200
# How long a token that is over is still known, so that its owner sees when it was used last.
ENDED_KEPT = timedelta(days=30)


class TokenNotFound(NotFound):
    """There is no such token, or it is somebody else's."""

    code = "tokens.not_found"

    def __init__(self) -> None:
        super().__init__(_("This access is not there, or is over already."))


class TokenRefused(InvalidInput):
    """A token is wanted that nobody gets: without a name or scopes, for too long, or one too many."""

    code = "tokens.refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenWish:
    """What a token is to be: its name, what for, for how many days, and for services whose view it has."""

    name: str
    scopes: Collection[TokenScope]
    days: int = USUAL_DAYS
    # The key of an organisation; empty: what is public.
    organisation: str = ""


class Tokens:
    """Everything about tokens for programs, within the caller's transaction."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session
        self._repository = TokenRepository(session)

    async def make_own(self, wish: TokenWish, *, by: Visitor) -> IssuedToken:
        """Make a token of a member's own.

        Raises ``TokenRefused``; ``SignInNeeded`` where scopes ask for a second factor that this session has not;
        ``NotAllowed`` for scopes that are of no use to this member.
        """
        scopes = frozenset(wish.scopes)
        if needs_second_factor(scopes) and not by.second_factor:
            raise SignInNeeded
        if any(not by.may(RIGHT_NEEDED[scope]) for scope in scopes if scope in RIGHT_NEEDED):
            raise NotAllowed
        token = await self._token(wish, TokenKind.PERSONAL, member_id=by.known.id)
        token.member_id, token.second_factor = by.known.id, by.second_factor
        return await self._issue(token, by=by.member_id)

    async def make_for_service(self, wish: TokenWish, *, by: Visitor | None) -> IssuedToken:
        """Make a token of another system; ``by`` is an administrator, or ``None`` for the command line.

        Raises ``TokenRefused``, ``NotAllowed``, ``UnknownOrganisation``.
        """
        if by is not None and not by.may(Right.MEMBERS_MANAGE):
            raise NotAllowed
        if not FOR_SERVICES.issuperset(wish.scopes):
            raise TokenRefused(
                _("A service only reads, and has nothing of its own: please choose from what is offered.")
            )
        organisation = None
        if wish.organisation.strip():
            organisation = await OrganisationService(self._session).get_usable(wish.organisation.strip())
        token = await self._token(wish, TokenKind.SERVICE, member_id=None)
        token.organisation_id = organisation.id if organisation else None
        token.made_by = by.member_id if by else None
        return await self._issue(token, by=token.made_by)

    async def _token(self, wish: TokenWish, kind: TokenKind, *, member_id: UUID | None) -> ApiToken:
        name = clean_text(wish.name)
        if not name or len(name) > LONGEST_NAME:
            problem = _("Please give it a name of at most {count} characters, such as the program that uses it.")
            raise TokenRefused(problem.format(count=LONGEST_NAME))
        if not wish.scopes:
            raise TokenRefused(_("Please choose what it may be used for."))
        if not 1 <= wish.days <= LONGEST_DAYS:
            raise TokenRefused(_("It can last from 1 to {count} days.").format(count=LONGEST_DAYS))
        moment = now()
        most = MOST_OWN if member_id else MOST_SERVICES
        if await self._repository.count_alive(member_id, moment) >= most:
            problem = ngettext(
                "There is {count} already. Please end one first.",
                "There are {count} already. Please end one first.",
                most,
            )
            raise TokenRefused(problem.format(count=most))
        scopes = sorted({scope.value for scope in wish.scopes})
        expires = moment + timedelta(days=wish.days)
        return ApiToken(id=new_id(), kind=kind, name=name, scopes=scopes, created_at=moment, expires_at=expires)

    async def _issue(self, token: ApiToken, *, by: UUID | None) -> IssuedToken:
        secret = PREFIX + make_token()
        token.digest, token.hint = token_digest(secret), secret[:HINT]
        await self._repository.add(token)
        await self._record("make", token, by)
        row = await self._repository.get(token.id)
        assert row is not None  # noqa: S101 - it was just made
        return IssuedToken(_entry(row), secret)

    async def find(self, secret: str) -> TokenPresence | None:
        """Return whom a token lets act now; ``None`` for one that is unknown or over."""
        if not secret.startswith(PREFIX) or len(secret) > LONGEST_TOKEN:
            return None
        row = await self._repository.find(token_digest(secret))
        if row is None:
            return None
        token, member, organisation = row
        if token.revoked_at is not None or token.expires_at <= now():
            return None
        if token.kind is TokenKind.SERVICE:
            return TokenPresence(
                _entry((token, None, organisation.name if organisation else None)), _service(token, organisation)
            )
        if member is None or not member.active or member.suspended_at is not None:
            return None
        known = Organised(organisation.key, organisation.name, organisation.state_key) if organisation else Organised()
        way = WayIn(second_factor=token.second_factor)
        visitor = await member_visitor(SessionRepository(self._session), member, known, way)
        return TokenPresence(_entry((token, member.name, None)), visitor)

    async def mark_used(self, token: TokenEntry) -> None:
        """Note the day on which a token was used."""
        await self._repository.mark_used(token.id, today())

    async def own(self, member_id: UUID) -> Sequence[TokenEntry]:
        """Return a member's own tokens that were not ended, the newest first."""
        return [_entry(row) for row in await self._repository.of_member(member_id)]

    async def of_services(self) -> Sequence[TokenEntry]:
        """Return the tokens of services that were not ended, the newest first."""
        return [_entry(row) for row in await self._repository.of_services()]

    async def revoke_own(self, token_id: UUID, *, by: Visitor) -> None:
        """End one of a member's own tokens at once. Raises ``TokenNotFound``."""
        row = await self._repository.get(token_id)
        if row is None or row[0].member_id != by.known.id:
            raise TokenNotFound
        await self._revoke(row[0], by.member_id)

    async def revoke(self, token_id: UUID, *, by: Visitor | None) -> None:
        """End any service's token at once, on the command line anybody's. Raises ``TokenNotFound``, ``NotAllowed``."""
        if by is not None and not by.may(Right.MEMBERS_MANAGE):
            raise NotAllowed
        row = await self._repository.get(token_id)
        if row is None or (by is not None and row[0].kind is not TokenKind.SERVICE):
            raise TokenNotFound
        await self._revoke(row[0], by.member_id if by else None)

    async def end_all(self, member_id: UUID) -> int:
        """End all tokens of a member who may not come any more; returns how many."""
        return await self._repository.revoke_all(member_id, now())

    async def _revoke(self, token: ApiToken, by: UUID | None) -> None:
        if not await self._repository.revoke(token.id, now()):
            raise TokenNotFound
        await note_taken_back(self._session, TakenBack.TOKEN, token.id)
        await self._record("revoke", token, by)

    async def _record(self, action: str, token: ApiToken, by: UUID | None) -> None:
        details = {"kind": token.kind.value, "scopes": token.scopes, "organisation": str(token.organisation_id or "")}
        await record(self._session, f"tokens:{action}", ("token", token.id), by=by, **details)


def _service(token: ApiToken, organisation: Organisation | None) -> Visitor:
    if organisation is None:
        return Visitor(PUBLIC_SERVICE_RIGHTS, anybody())
    viewer = network_member(token.organisation_id, state_key=organisation.state_key)
    return Visitor(SERVICE_RIGHTS, viewer)


def _entry(row: NamedRow) -> TokenEntry:
    token, member_name, organisation_name = row
    return TokenEntry(
        id=token.id,
        kind=token.kind,
        name=token.name,
        hint=token.hint,
        # What later versions no longer know is of no use.
        scopes=frozenset(TokenScope(scope) for scope in token.scopes if scope in set(TokenScope)),
        created_at=token.created_at,
        expires_at=token.expires_at,
        used_on=token.used_on,
        revoked_at=token.revoked_at,
        organisation_id=token.organisation_id,
        organisation_name=organisation_name,
        member_id=token.member_id or token.made_by,
        member_name=member_name,
    )
