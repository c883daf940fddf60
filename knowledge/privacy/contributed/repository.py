"""The statements about what hangs on a member beside their chats."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import ColumnElement, delete, false, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge.models.access import Credential, HubSession
from knowledge.models.chat import Chat, ChatIdentity
from knowledge.models.contribution import ContributionMessage, KeepRequest, Report
from knowledge.models.token import ApiRequest, ApiToken


class ContributedRepository:
    """Reports, sessions, credentials and requests of one person, over one session."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def reports(self, member: UUID) -> Sequence[Report]:
        """Return what a member reported, the oldest first."""
        statement = select(Report).where(Report.member_id == member).order_by(Report.created_at, Report.id)
        return (await self._session.scalars(statement)).all()

    async def credential(self, member: UUID) -> Credential | None:
        """Return what a member signs in with."""
        return await self._session.scalar(select(Credential).where(Credential.member_id == member))

    async def sessions(self, member: UUID) -> Sequence[HubSession]:
        """Return where a member is signed in, the oldest first."""
        statement = select(HubSession).where(HubSession.member_id == member)
        return (await self._session.scalars(statement.order_by(HubSession.created_at, HubSession.id))).all()

    async def tokens(self, member: UUID) -> Sequence[tuple[ApiToken, int]]:
        """Return a member's own tokens, with how many creations of each are remembered; the oldest first."""
        answers = select(func.count()).where(ApiRequest.token_id == ApiToken.id).scalar_subquery()
        statement = select(ApiToken, answers).where(ApiToken.member_id == member)
        rows = await self._session.execute(statement.order_by(ApiToken.created_at, ApiToken.id))
        return [(row[0], row[1]) for row in rows]

    async def keep_requests(self, identities: Sequence[ChatIdentity]) -> Sequence[KeepRequest]:
        """Return requests that somebody made, or that only they can answer."""
        statement = select(KeepRequest).where(_concerns(identities)).order_by(KeepRequest.created_at)
        return (await self._session.scalars(statement)).all()

    async def delete_keep_requests(self, identities: Sequence[ChatIdentity]) -> None:
        """Delete these requests."""
        await self._session.execute(delete(KeepRequest).where(_concerns(identities)))

    async def delete_words(self, member: UUID) -> None:
        """Delete what a member wrote as an author; what they asked as a moderator stays, without them."""
        mine = (ContributionMessage.member_id == member, ContributionMessage.from_author.is_(True))
        await self._session.execute(delete(ContributionMessage).where(*mine))


def _concerns(identities: Sequence[ChatIdentity]) -> ColumnElement[bool]:
    asked = [
        (KeepRequest.author == row.address)
        & KeepRequest.chat_id.in_(select(Chat.id).where(Chat.network == row.network).scalar_subquery())
        for row in identities
    ]
    return or_(KeepRequest.requested_by.in_([row.id for row in identities]), *asked, false())
