"""Opting in to e-mail, saying what is wanted, and getting out again."""

from dataclasses import asdict
from datetime import datetime
from uuid import UUID

from knowledge.chats.repository import ChatRepository
from knowledge.kit.clock import now
from knowledge.kit.ids import new_id
from knowledge.kit.language import current_language
from knowledge.kit.logs import get_logger
from knowledge.kit.mail import read_address
from knowledge.kit.unit_of_work import UnitOfWork
from knowledge.mailing.errors import ConfirmationRefused, NoSubscription, TooManyMails, UnknownToken
from knowledge.mailing.kinds import CONFIRM, SIGN_IN, STOPPED, MailWish
from knowledge.mailing.limits import (
    BOUNCES_APART,
    BOUNCES_FORGOTTEN,
    CONFIRMATION_LASTS,
    CONFIRMATIONS_PER_ADDRESS,
    CONFIRMATIONS_PER_MEMBER,
    COUNTED_WITHIN,
    MOST_BOUNCES,
    SIGN_INS_PER_ADDRESS,
)
from knowledge.mailing.repository import MailingRepository
from knowledge.mailing.schemas import MailEntry, Wishes
from knowledge.mailing.tokens import Confirmation
from knowledge.models.chat import Network
from knowledge.notices.service import tell
from knowledge.privacy.repository import EraseRepository
from knowledge.privacy.taken_back.noting import note_address_gone


class MailingService:
    """Everything about people's own addresses, within the caller's transaction."""

    def __init__(self, unit: UnitOfWork) -> None:
        self._session = unit.session
        self.repository = MailingRepository(unit.session)

    async def of_member(self, member_id: UUID) -> list[MailEntry]:
        """Return a member's addresses, confirmed ones first; at most one of them is confirmed."""
        return await self.repository.of_member(member_id)

    async def claim(self, member_id: UUID, address: str, wishes: Wishes) -> None:
        """Take an address that a member gives, and have a link sent there that confirms it.

        Nothing is sent to an address that somebody else has confirmed, which is not said either.

        Raises ``WrongAddress``, ``TooManyMails``.
        """
        folded = read_address(address)[0].lower()
        identity_id = await self._identity(folded)
        await self._check_limits(member_id, identity_id)
        if not await self.is_taken(identity_id, by_other_than=member_id):
            await self._keep(identity_id, member_id, wishes)
        data = {"member": str(member_id)}
        await tell(self._session, CONFIRM, identity_id=identity_id, member_id=member_id, data=data)

    async def _identity(self, address: str) -> UUID:
        """Return the identity of an address, which two may give at the same moment."""
        chats = ChatRepository(self._session)
        known = await chats.identity(Network.MAIL, address)
        if known is None:
            await chats.add_identity(new_id(), Network.MAIL, address)
            known = await chats.identity(Network.MAIL, address)
        assert known is not None  # noqa: S101 - it was there, or was added
        return known[0].id

    async def _check_limits(self, member_id: UUID, identity_id: UUID) -> None:
        since, count = now() - COUNTED_WITHIN, self.repository.count_notices
        to_address = await count(CONFIRM, since, identity_id=identity_id)
        by_member = await count(CONFIRM, since, member_id=member_id)
        if to_address >= CONFIRMATIONS_PER_ADDRESS or by_member >= CONFIRMATIONS_PER_MEMBER:
            raise TooManyMails

    async def is_taken(self, identity_id: UUID, *, by_other_than: UUID) -> bool:
        """Whether somebody else who takes part has confirmed an address."""
        entry = await self.repository.by_identity(identity_id)
        if entry is None or not entry.is_confirmed or entry.member_id == by_other_than:
            return False
        return await self.repository.takes_part(entry.member_id)

    async def _keep(self, identity_id: UUID, member_id: UUID, wishes: Wishes) -> None:
        entry, moment = await self.repository.by_identity(identity_id), now()
        await self.repository.change_identity(
            identity_id, member_id=member_id, language=current_language(), seen_at=moment
        )
        if entry is None:
            await self.repository.add(identity_id, wishes, moment)
            return
        # Confirmed by the same person, it stays so; by nobody who is still there, it has to be confirmed anew.
        confirmed_at = entry.confirmed_at if entry.member_id == member_id else None
        await self.repository.change(identity_id, **asdict(wishes), confirmed_at=confirmed_at, created_at=moment)

    async def confirm(self, confirmation: Confirmation | None) -> MailEntry:
        """Confirm an address with what its link said; once more, it changes nothing. Raises ``ConfirmationRefused``."""
        entry = await self.pending(confirmation)
        if confirmation is None or (entry.confirmed_at is not None and entry.confirmed_at >= confirmation.issued_at):
            return entry
        moment, member_id = now(), confirmation.member_id
        await self.repository.change_identity(entry.identity_id, member_id=member_id, seen_at=moment)
        clean = {"unsubscribed_at": None, "bounces": 0, "last_bounce_at": None, "bounced_at": None}
        await self.repository.change(entry.identity_id, confirmed_at=moment, **clean)
        for other in await self.repository.of_member(member_id):
            if other.identity_id != entry.identity_id:
                await self._forget(other.identity_id)
        get_logger().info("mail_confirmed", identity=str(entry.identity_id), member=str(member_id))
        return await self._known(entry.identity_id)

    async def pending(self, confirmation: Confirmation | None) -> MailEntry:
        """Return the address that a link would confirm, or has confirmed. Raises ``ConfirmationRefused``."""
        if confirmation is None or confirmation.issued_at + CONFIRMATION_LASTS < now():
            raise ConfirmationRefused
        entry = await self.repository.by_identity(confirmation.identity_id)
        if entry is None or not await self.repository.takes_part(confirmation.member_id):
            raise ConfirmationRefused
        is_used = entry.confirmed_at is not None and entry.confirmed_at >= confirmation.issued_at
        is_others = await self.is_taken(entry.identity_id, by_other_than=confirmation.member_id)
        if is_others or (is_used and entry.member_id != confirmation.member_id):
            raise ConfirmationRefused
        return entry

    async def change(self, member_id: UUID, wishes: Wishes) -> None:
        """Say what is wanted; nothing of it is the same as unsubscribing. Raises ``NoSubscription``."""
        entries = await self.repository.of_member(member_id)
        if not entries:
            raise NoSubscription
        left_at = now() if wishes.nothing else None
        await self.repository.change(entries[0].identity_id, **asdict(wishes), unsubscribed_at=left_at)

    async def remove(self, member_id: UUID, identity_id: UUID) -> None:
        """Forget an address of a member, with what waits to be sent there. Raises ``NoSubscription``."""
        mine = {entry.identity_id: entry for entry in await self.repository.of_member(member_id)}
        if identity_id not in mine:
            raise NoSubscription
        await note_address_gone(self._session, Network.MAIL, mine[identity_id].address)
        await self._forget(identity_id)

    async def _forget(self, identity_id: UUID) -> None:
        erasing = EraseRepository(self._session)
        await erasing.delete_messages([identity_id])
        await erasing.delete_people([identity_id])

    async def leave(self, identity_id: UUID, wish: MailWish | None) -> MailEntry:
        """Unsubscribe from one thing, or from everything. Raises ``UnknownToken``."""
        entry = await self._known(identity_id)
        if wish is not None:
            await self.repository.change(identity_id, **{wish.value: False})
        elif entry.unsubscribed_at is None:
            await self.repository.change(identity_id, unsubscribed_at=now())
            await self.repository.drop_waiting(entry.address)
        get_logger().info("mail_unsubscribed", identity=str(identity_id), wish=wish.value if wish else "all")
        return await self._known(identity_id)

    async def come_back(self, identity_id: UUID, wish: MailWish | None) -> MailEntry:
        """Undo that. Raises ``UnknownToken``."""
        await self._known(identity_id)
        await self.repository.change(identity_id, **({"unsubscribed_at": None} if wish is None else {wish.value: True}))
        return await self._known(identity_id)

    async def _known(self, identity_id: UUID) -> MailEntry:
        entry = await self.repository.by_identity(identity_id)
        if entry is None:
            raise UnknownToken
        return entry

    async def ask_sign_in(self, address: str) -> None:
        """Have a link for signing in sent to whom an address belongs; whether that is anybody is not said.

        Raises ``WrongAddress`` for what is no address.
        """
        folded = read_address(address)[0].lower()
        entry = await self.repository.by_address(folded)
        if entry is None or not entry.is_confirmed or entry.bounced_at is not None:
            return
        count = await self.repository.count_notices(SIGN_IN, now() - COUNTED_WITHIN, identity_id=entry.identity_id)
        if count < SIGN_INS_PER_ADDRESS and await self.repository.takes_part(entry.member_id):
            await tell(self._session, SIGN_IN, identity_id=entry.identity_id)

    async def note_bounce(self, identity_id: UUID, moment: datetime) -> bool:
        """Count that mail came back for good, once a day; returns whether nothing is sent there any more."""
        entry = await self.repository.by_identity(identity_id)
        if entry is None or entry.bounced_at is not None:
            return entry is not None
        last = entry.last_bounce_at
        if last is not None and moment - last < BOUNCES_APART:
            return False
        count = 1 if last is None or moment - last > BOUNCES_FORGOTTEN else entry.bounces + 1
        stops = count >= MOST_BOUNCES
        stopped_at = moment if stops else None
        await self.repository.change(identity_id, bounces=count, last_bounce_at=moment, bounced_at=stopped_at)
        get_logger().info("mail_came_back", identity=str(identity_id), count=count)
        if stops:
            await tell(self._session, STOPPED, member_id=entry.member_id)
        return stops
