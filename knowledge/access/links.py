"""One-time links into the hub: from the bot, for members; from the command line, for whoever runs the server."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from knowledge.access.repository import LinkRepository
from knowledge.access.schemas import IssuedLink, UsedLink
from knowledge.access.secrets import make_token, token_digest
from knowledge.kit.clock import now
from knowledge.kit.errors import InvalidInput
from knowledge.kit.language import _
from knowledge.models.access import LinkPurpose, SignInLink

SIGN_IN_LASTS = timedelta(minutes=10)
RECOVERY_LASTS = timedelta(hours=1)
PATH = "/anmelden/link/"


class LinkRefused(InvalidInput):
    """A link does not work, for whatever reason: used, expired, invented, or its member may not sign in."""

    code = "access.link_refused"

    def __init__(self) -> None:
        super().__init__(
            _("This link does not work (any more). Get a new one on the page for signing in, or write /hub to the bot.")
        )


class AccessLinks:
    """Everything about one-time links, within the caller's transaction."""

    def __init__(self, session: AsyncSession) -> None:
        self._repository = LinkRepository(session)

    async def sign_in_link(self, member_id: UUID, *, lasts: timedelta = SIGN_IN_LASTS) -> IssuedLink:
        """Make a link by which a member signs in, with a member's rights; older ones stop working."""
        return await self._issue(member_id, LinkPurpose.SIGN_IN, lasts)

    async def recovery_link(self, member_id: UUID) -> IssuedLink:
        """Make a link that stands in for password and second factor, and may set both anew.

        Whoever holds it is that member: it is for the command line, and for administrators with a second factor.
        """
        return await self._issue(member_id, LinkPurpose.RECOVERY, RECOVERY_LASTS)

    async def use(self, token: str) -> UsedLink:
        """Use a link up. Raises ``LinkRefused``."""
        used = await self._repository.spend(token_digest(token), now())
        if used is None:
            raise LinkRefused
        return used

    async def _issue(self, member_id: UUID, purpose: LinkPurpose, lasts: timedelta) -> IssuedLink:
        token, moment = make_token(), now()
        await self._repository.forget_unused(member_id, purpose)
        link = SignInLink(
            digest=token_digest(token),
            purpose=purpose,
            member_id=member_id,
            created_at=moment,
            expires_at=moment + lasts,
        )
        await self._repository.add(link)
        return IssuedLink(PATH + token, link.expires_at)
