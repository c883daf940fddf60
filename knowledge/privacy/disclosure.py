"""Everything that is kept about one person, read together for them."""

from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from knowledge.kit.clock import now
from knowledge.models.chat import ChatIdentity
from knowledge.models.conversation import Exchange
from knowledge.models.member import Member
from knowledge.privacy.contributed.service import Contributed
from knowledge.privacy.network import network_of
from knowledge.privacy.repository import ExchangeRow, PersonRepository
from knowledge.privacy.schemas import (
    PersonalData,
    StoredDraft,
    StoredExchange,
    StoredIdentity,
    StoredInvitation,
    StoredMail,
    StoredMember,
    StoredMessage,
    StoredWatch,
)
from knowledge.privacy.service import NobodyKnown, sender_of, voter_digest
from knowledge.privacy.trainings import learning_of
from knowledge.privacy.web import said_in_browser

SHOWN = ("title", "locator", "quote")


class DisclosureService:
    """What is kept about a person, within the caller's transaction; nothing is changed."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session
        self._people = PersonRepository(session)
        self._contributed = Contributed(session)

    async def everything(self, identity_id: UUID) -> PersonalData:
        """Return everything about the person with this identity. Raises ``NobodyKnown``."""
        identity = await self._people.identity(identity_id)
        if identity is None:
            raise NobodyKnown
        member = await self._people.member(identity.member_id) if identity.member_id else None
        linked = await self._people.identities_of(member.id) if member else [identity]
        return await self._together(linked, member, current=identity_id)

    async def of_member(self, member_id: UUID) -> PersonalData:
        """Return everything about a member, also one without any address. Raises ``NobodyKnown``."""
        member = await self._people.member(member_id)
        if member is None:
            raise NobodyKnown
        return await self._together(await self._people.identities_of(member_id), member, current=None)

    async def _together(
        self, linked: Sequence[ChatIdentity], member: Member | None, *, current: UUID | None
    ) -> PersonalData:
        keys = [row.id for row in linked]
        return PersonalData(
            made_at=now(),
            identities=tuple([await self._identity(row, current) for row in linked]),
            member=await self._member(member) if member else None,
            exchanges=tuple([await self._exchange(row, keys) for row in await self._people.exchanges(keys)]),
            watches=tuple(
                StoredWatch(question.text, watch.created_at, watch.expires_at, watch.told_at)
                for watch, question in await self._people.watches(keys)
            ),
            drafts=tuple(
                StoredDraft(row.name, row.step, row.data, row.updated_at, row.expires_at)
                for row in await self._people.dialogues(keys)
            ),
            invitations=tuple(
                StoredInvitation(row.purpose, row.name, row.created_at, row.expires_at, row.used_at)
                for row in await self._people.invitations(keys, member)
            ),
            messages=tuple(await self._messages(linked)),
            votes_elsewhere=await self._votes_elsewhere(keys),
            contributions=await self._contributed.contributions(member.id) if member else (),
            reports=await self._contributed.reports(member.id) if member else (),
            sign_in=await self._contributed.sign_in(member.id) if member else None,
            directories=await self._contributed.directories(member.id) if member else (),
            sessions=await self._contributed.sessions(member.id) if member else (),
            tokens=await self._contributed.tokens(member.id) if member else (),
            keep_requests=await self._contributed.keep_requests(linked),
            network=await network_of(self._session, member) if member else None,
            learning=await learning_of(self._session, keys, member.id if member else None),
            said_in_browser=await said_in_browser(self._session, keys),
        )

    async def _identity(self, row: ChatIdentity, current: UUID | None) -> StoredIdentity:
        return StoredIdentity(
            id=row.id,
            network=row.network,
            address=row.address,
            organisation=await self._people.organisation_name(row.organisation_id),
            language=row.language,
            introduced_at=row.introduced_at,
            warned_at=row.warned_at,
            created_at=row.created_at,
            seen_at=row.seen_at,
            direct_chats=tuple(chat.address for chat in await self._people.direct_chats([row.id])),
            is_current=row.id == current,
            mail=await self._mail(row.id),
        )

    async def _mail(self, identity_id: UUID) -> StoredMail | None:
        row = await self._people.mail_wishes(identity_id)
        return StoredMail(**{field.name: getattr(row, field.name) for field in fields(StoredMail)}) if row else None

    async def _member(self, member: Member) -> StoredMember:
        return StoredMember(
            name=member.name,
            role=member.role,
            organisation=await self._people.organisation_name(member.organisation_id),
            active=member.active,
            created_at=member.created_at,
            vouches_for=tuple(await self._people.vouched_circles(member.id)),
        )

    async def _exchange(self, row: ExchangeRow, identities: Sequence[UUID]) -> StoredExchange:
        exchange, chat, question, answer = row
        return StoredExchange(
            asked_at=exchange.created_at,
            network=chat.network,
            kind=chat.kind,
            question=question.text if question else None,
            answered=answer.answered if answer else None,
            shown=tuple(_shown(item) for item in answer.trace.get("shown", ())) if answer else (),
            found_helpful=await self._vote(exchange, identities),
            expires_at=exchange.expires_at,
        )

    async def _vote(self, exchange: Exchange, identities: Sequence[UUID]) -> bool | None:
        if exchange.answer_id is None or exchange.vote_salt is None:
            return None
        for identity in identities:
            said = await self._people.vote(exchange.answer_id, voter_digest(exchange.vote_salt, identity))
            if said is not None:
                return said
        return None

    async def _votes_elsewhere(self, identities: Sequence[UUID]) -> int:
        """Count the votes on what others asked, as far as they can still be told to be this person's."""
        mine = {row[0].answer_id for row in await self._people.exchanges(identities)}
        digests = [
            (answer, voter_digest(salt, identity))
            for answer, salt in await self._people.salted()
            for identity in identities
            if answer not in mine
        ]
        return sum([await self._people.vote(*digest) is not None for digest in digests])

    async def _messages(self, identities: Sequence[ChatIdentity]) -> list[StoredMessage]:
        addresses = {(row.network, row.address) for row in identities}
        incoming = [
            StoredMessage(True, event.received_at, event.payload or {})
            for network in sorted({network for network, _address in addresses})
            for event in await self._people.waiting_to_be_handled(network)
            if (network, sender_of(event)) in addresses
        ]
        outgoing = await self._people.waiting_to_be_sent([row.id for row in identities])
        return incoming + [StoredMessage(False, row.created_at, row.payload or {}) for row in outgoing]


def _shown(item: Mapping[str, Any]) -> Mapping[str, Any]:
    return {name: item.get(name) for name in SHOWN}
