"""What a member contributed and how they come into the hub: shown to them, and taken apart from them."""

from collections.abc import Collection, Sequence
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from knowledge.contributions.erasing import forget_contact
from knowledge.contributions.publishing import source_of
from knowledge.contributions.repository import ContributionRepository
from knowledge.directories.repository import DirectoryLinkRepository
from knowledge.library.repository import DocumentRepository
from knowledge.models.chat import ChatIdentity
from knowledge.models.contribution import Contribution, ContributionState, Report
from knowledge.privacy.contributed.repository import ContributedRepository
from knowledge.privacy.schemas import (
    StoredContribution,
    StoredDirectory,
    StoredKeepRequest,
    StoredReport,
    StoredSession,
    StoredSignIn,
    StoredToken,
)


class Contributed:
    """What hangs on a member beside their chats, over one session."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session
        self._contributions = ContributionRepository(session)
        self._documents = DocumentRepository(session)
        self._repository = ContributedRepository(session)

    async def contributions(self, member: UUID) -> tuple[StoredContribution, ...]:
        """Return what a member contributed, with what was written about it."""
        rows = await self._contributions.of_member(member)
        messages = await self._contributions.messages([row.id for row, _name in rows])
        return tuple(
            StoredContribution(
                kind=row.kind,
                state=row.state,
                organisation=name,
                fields=dict(row.fields),
                visibility=row.visibility,
                attribution=row.attribution,
                described_as=row.described_as,
                created_at=row.created_at,
                submitted_at=row.submitted_at,
                decided_at=row.decided_at,
                reason=row.reason,
                messages=tuple((item.from_author, item.created_at, item.text) for item in messages.get(row.id, ())),
            )
            for row, name in rows
        )

    async def reports(self, member: UUID) -> tuple[StoredReport, ...]:
        """Return what a member reported."""
        return tuple(_report(row) for row in await self._repository.reports(member))

    async def sign_in(self, member: UUID) -> StoredSignIn | None:
        """Return what a member signs in with; what is secret is only said to be there."""
        found = await self._repository.credential(member)
        if found is None:
            return None
        return StoredSignIn(found.login, found.totp_confirmed_at is not None, found.changed_at)

    async def directories(self, member: UUID) -> tuple[StoredDirectory, ...]:
        """Return the accounts in directories that a member signs in with."""
        rows = await DirectoryLinkRepository(self._session).of_member(member)
        return tuple(
            StoredDirectory(provider.label, provider.issuer, link.linked_at, link.last_used) for link, provider in rows
        )

    async def sessions(self, member: UUID) -> tuple[StoredSession, ...]:
        """Return where a member is signed in."""
        rows = await self._repository.sessions(member)
        return tuple(StoredSession(row.device, row.created_at, row.seen_at, row.expires_at) for row in rows)

    async def tokens(self, member: UUID) -> tuple[StoredToken, ...]:
        """Return the tokens of a member's programs."""
        return tuple(
            StoredToken(
                row.name,
                row.hint,
                tuple(row.scopes),
                row.created_at,
                row.expires_at,
                row.used_on,
                row.revoked_at,
                answers,
            )
            for row, answers in await self._repository.tokens(member)
        )

    async def keep_requests(self, identities: Sequence[ChatIdentity]) -> tuple[StoredKeepRequest, ...]:
        """Return whether somebody may keep a message of theirs, and what they asked to keep."""
        mine = {row.id for row in identities}
        rows = await self._repository.keep_requests(identities)
        return tuple(StoredKeepRequest(row.requested_by in mine, row.created_at, row.expires_at) for row in rows)

    async def forget_requests(self, identities: Collection[ChatIdentity]) -> None:
        """Forget who was asked, or asked, whether a message may be kept."""
        await self._repository.delete_keep_requests(list(identities))

    async def forget_author(self, member: UUID) -> None:
        """Take a member out of what they contributed: it is their organisation's and stays, without them.

        Drafts go, and what they wrote to moderators; whom they named as somebody to ask is taken out, also of what was
        published, because nobody can be asked any more whether that is right.
        """
        for row, _name in await self._contributions.of_member(member):
            if row.state is ContributionState.DRAFT:
                await self._contributions.delete(row.id)
                continue
            await self._forget_contact(row)
        await self._repository.delete_words(member)

    async def _forget_contact(self, row: Contribution) -> None:
        if "contact" in row.fields:
            row.fields = {name: value for name, value in row.fields.items() if name != "contact"}
            row.revision += 1
            await self._session.flush()
        document = await self._documents.by_source(source_of(row.id))
        if document is not None:
            await forget_contact(self._session, document)


def _report(row: Report) -> StoredReport:
    return StoredReport(row.reason, row.text, row.created_at, row.closed_at, row.outcome)
