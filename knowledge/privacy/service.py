"""Everything about one person, and everything about one person gone."""

import hashlib
import hmac
from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from knowledge.gaps.erasing import forget_askers
from knowledge.kit.clock import now
from knowledge.kit.errors import NotFound
from knowledge.kit.language import _
from knowledge.kit.logs import get_logger
from knowledge.models.chat import ChatIdentity, Network
from knowledge.models.member import Member
from knowledge.models.message import IncomingEvent
from knowledge.page_reports.service import PageReports
from knowledge.privacy.contributed.service import Contributed
from knowledge.privacy.digests import digests_of, identity_subject, member_subject
from knowledge.privacy.erasure_log import current, merged
from knowledge.privacy.network import forget_in_network
from knowledge.privacy.repository import EraseRepository
from knowledge.privacy.schemas import Erased, ErasureRecord
from knowledge.privacy.taken_back.noting import present_key
from knowledge.privacy.taken_back.replaying import take_back_again

# Networks that count messages per chat: there the identifier of an event begins with the chat's address.
NUMBERED_PER_CHAT = (Network.TELEGRAM,)


class NobodyKnown(NotFound):
    """Nothing is kept about this person."""

    code = "privacy.nobody"

    def __init__(self) -> None:
        super().__init__(_("Nothing is kept about you."))


class PrivacyService:
    """Erasing people, within the caller's transaction."""

    def __init__(self, session: AsyncSession) -> None:
        self.repository = EraseRepository(session)
        self.contributed = Contributed(session)
        self._session = session

    async def linked(self, identity_id: UUID) -> Sequence[ChatIdentity]:
        """Return all addresses of the person with this one, this one first. Raises ``NobodyKnown``."""
        identity = await self.repository.identity(identity_id)
        if identity is None:
            raise NobodyKnown
        if identity.member_id is None:
            return [identity]
        others = await self.repository.identities_of(identity.member_id)
        return [identity, *(other for other in others if other.id != identity.id)]

    async def erase(self, identity_id: UUID, *, everywhere: bool) -> Erased:
        """Erase everything about somebody, in this transaction.

        Args:
            identity_id: one of the person's addresses.
            everywhere: all linked addresses, and with them the membership; otherwise this one alone, and the
                membership only where no other address is linked to it.

        Returns the records of it, which are kept in the database and must also be written to the ``ErasureLog`` once
        the transaction is committed. Raises ``NobodyKnown``.
        """
        linked = await self.linked(identity_id)
        gone = linked if everywhere else linked[:1]
        return await self._erase_noted(gone, gone[0].member_id if len(gone) == len(linked) else None)

    async def erase_member(self, member_id: UUID) -> Erased:
        """Erase a member, also one who has left or never chatted, with all linked addresses; as ``erase`` does it.

        Raises ``NobodyKnown``.
        """
        if await self.repository.member(member_id) is None:
            raise NobodyKnown
        return await self._erase_noted(await self.repository.identities_of(member_id), member_id)

    async def _erase_noted(self, gone: Sequence[ChatIdentity], member_id: UUID | None) -> Erased:
        subjects = [identity_subject(identity.network, identity.address) for identity in gone]
        subjects += [member_subject(member_id)] if member_id else []
        records = await self._note(subjects)
        member = await self.repository.member(member_id) if member_id else None
        await self._erase(gone, member)
        get_logger().info("person_erased", identities=len(gone), member=member is not None)
        return Erased(records, membership=member is not None)

    async def _note(self, subjects: Sequence[str]) -> tuple[ErasureRecord, ...]:
        key, moment = await present_key(self._session), now()
        records = tuple(ErasureRecord(digest, key, moment) for digest in (await digests_of(subjects, key)).values())
        await self.repository.keep_records(records)
        return records

    async def _erase(self, identities: Collection[ChatIdentity], member: Member | None) -> None:
        keys = [identity.id for identity in identities]
        await self._unlink_votes(keys)
        await self._close_events({(identity.network, identity.address) for identity in identities})
        for chat in await self.repository.direct_chats(keys):
            if chat.network in NUMBERED_PER_CHAT:
                await self.repository.delete_event_notes(chat.network, [chat.address])
        await self.repository.delete_messages(keys)
        await self.repository.delete_invitations(keys, member)
        await self.repository.delete_questions(keys)
        await self.contributed.forget_requests(identities)
        for address in (identity.address for identity in identities if identity.network is Network.MAIL):
            await PageReports(self._session).forget_contact(address)
        if member is not None:
            await forget_in_network(self._session, member)
            await self.contributed.forget_author(member.id)
        await self.repository.delete_people(keys)
        if member is not None:
            await self.repository.delete_member(member)
        await forget_askers(self._session, [*keys, *([member.id] if member else [])])

    async def _unlink_votes(self, identities: Collection[UUID]) -> None:
        for answer, salt in await self.repository.salted():
            for identity in identities:
                await self.repository.unlink_vote(answer, voter_digest(salt, identity))

    async def _close_events(self, addresses: Collection[tuple[Network, str]]) -> None:
        for network in {network for network, _address in addresses}:
            waiting = await self.repository.waiting_to_be_handled(network)
            theirs = [event.id for event in waiting if (network, sender_of(event)) in addresses]
            await self.repository.close_events(theirs)

    async def replay(self, records: Collection[ErasureRecord]) -> int:
        """Erase again who was erased before; returns how many identities, members and rows that were.

        For the transaction that restores a backup. Somebody who came back after the erasure is left alone.
        """
        known = current(merged([*records, *await self.repository.records()]))
        gone = await self._erased_before(known)
        members = await self._members_erased_before(known)
        for identity in gone:
            await self._erase([identity], None)
        for member in members:
            linked = await self.repository.identities_of(member.id)
            await self._erase(linked, member)
        again = await take_back_again(self._session, known)
        await self.repository.forget_traffic()
        await self.repository.keep_records(known)
        return len(gone) + len(members) + again

    async def _erased_before(self, records: Collection[ErasureRecord]) -> Sequence[ChatIdentity]:
        moments = {record.digest: record.erased_at for record in records}
        people = await self.repository.all_addresses()
        found = []
        for key in {record.key for record in records}:
            digests = await digests_of([identity_subject(network, address) for _, network, address, _ in people], key)
            for identity_id, network, address, since in people:
                moment = moments.get(digests[identity_subject(network, address)])
                if moment is not None and since <= moment:
                    found.append(await self.repository.identity(identity_id))
        return [identity for identity in found if identity is not None]

    async def _members_erased_before(self, records: Collection[ErasureRecord]) -> Sequence[Member]:
        erased = {record.digest for record in records}
        members = await self.repository.all_members()
        found = []
        for key in {record.key for record in records}:
            digests = await digests_of([member_subject(member) for member in members], key)
            found += [member for member in members if digests[member_subject(member)] in erased]
        rows = [await self.repository.member(member) for member in found]
        return [member for member in rows if member is not None]


def voter_digest(salt: str, identity: UUID) -> str:
    """Return under what a vote of this person was kept while the salt was there."""
    return hmac.new(salt.encode(), identity.bytes, hashlib.sha256).hexdigest()


def sender_of(event: IncomingEvent) -> str | None:
    """Return the address of who sent an event that waits, as far as its content says so."""
    sender: Any = (event.payload or {}).get("sender")
    address = sender.get("address") if isinstance(sender, Mapping) else None
    return address if isinstance(address, str) else None
