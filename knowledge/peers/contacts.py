"""Contact by double yes: names and addresses are exchanged only when both sides said that they want to.

What an asker learns of a request that comes to nothing is the same whatever the reason, "not available", and comes at a
time that tells nothing of it (``requests/limits.py``). A request to somebody who does not want to be asked is kept as
any other and brought to nobody.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from knowledge.contributions.schemas import Author
from knowledge.kit.clock import now
from knowledge.kit.ids import new_id
from knowledge.kit.logs import get_logger
from knowledge.kit.unit_of_work import UnitOfWork
from knowledge.members.names import fold_person
from knowledge.models.member import Findable, Member
from knowledge.models.peer import Block, ContactRequest, ContactState
from knowledge.notices.service import tell
from knowledge.peers.errors import RequestOver, UnknownColleague, UnknownPeer, UnknownRequest
from knowledge.peers.requests.limits import (
    LASTS,
    LONGEST_CHAIN,
    MOST_TO_PERSON,
    WEEK,
    check_asking,
    declined_closes,
    undelivered_closes,
)
from knowledge.peers.requests.repository import UNSETTLED, ContactRepository
from knowledge.peers.requests.words import clean_words
from knowledge.peers.schemas import Blocked, Colleague, ContactBook, ContactCard, ContactEntry, Outlook
from knowledge.topics.tree import TopicTree, load_tree

State = ContactState
ASKED, ACCEPTED, PASSED_ON, NOT_AVAILABLE = (
    f"contact.{kind}" for kind in ("asked", "accepted", "passed_on", "not_available")
)
MOST_COLLEAGUES, SHORTEST_NAME = 3, 3


class ContactService:
    """Contact requests within one unit of work."""

    def __init__(self, unit: UnitOfWork) -> None:
        self._session = unit.session
        self.repository = ContactRepository(unit.session)

    async def ask(self, asker: Author, to_member: UUID, text: str, topic: UUID | None = None) -> ContactEntry:
        """Ask one person for contact, with the asker's own words.

        What keeps the person from being asked (blocked, paused, left, asked by too many) is not told: the request then
        looks sent, and turns out to be "not available" later.

        Raises ``WordsInvalid``, ``AlreadyAsked``, ``TooManyRequests``, and ``UnknownPeer`` for colleagues of one's own.
        """
        words, moment = clean_words(text), now()
        members = await self.repository.members({asker.member_id, to_member}, locked=True)
        person, own = members.get(to_member), members.get(asker.member_id)
        if own is None or not is_there(own) or to_member == asker.member_id or _same_house(person, own):
            raise UnknownPeer
        request = ContactRequest(
            id=new_id(),
            state=State.OPEN,
            from_member_id=own.id,
            from_identity_id=asker.identity_id,
            to_member_id=person.id if person else None,
            organisation_id=person.organisation_id if person else None,
            topic_id=topic,
            text=words,
            created_at=moment,
            expires_at=moment + LASTS,
            closes_at=moment + LASTS,
        )
        await check_asking(self.repository, request, own.id)
        if topic is not None and (await load_tree(self._session)).get(topic) is None:
            request.topic_id = None
        brought = person is not None and person.findable is Findable.ON and await self._may_be_brought(request, person)
        await self._keep(request, ASKED if brought else None)
        get_logger().info("contact_asked", request=str(request.id))
        return await self.get(request.id, own.id)

    async def _may_be_brought(self, request: ContactRequest, person: Member) -> bool:
        if not is_there(person) or person.findable is Findable.PAUSED or request.from_member_id is None:
            return False
        if await self.repository.blocks(person.id, request.from_member_id):
            return False
        return await self.repository.brought_since(person.id, request.created_at - WEEK) < MOST_TO_PERSON

    async def _keep(self, request: ContactRequest, kind: str | None, *, asked_at: datetime | None = None) -> None:
        """Keep a new request and have its person told; without a kind, it looks so and is brought to nobody."""
        if kind is None:
            request.closes_at = undelivered_closes(request, asked_at)
            request.state, request.text = State.UNDELIVERED, ""
        await self.repository.add(request)
        if kind is not None:
            await tell(self._session, kind, member_id=request.to_member_id, data={"request": str(request.id)})

    async def get(self, request_id: UUID, member_id: UUID) -> ContactEntry:
        """Return a request as one of its two sides sees it. Raises ``UnknownRequest``."""
        row = await self._mine_or_to_me(request_id, member_id)
        return (await self._entries([row], member_id))[0]

    async def _mine_or_to_me(self, request_id: UUID, member_id: UUID, *, locked: bool = False) -> ContactRequest:
        row = await self.repository.get(request_id, locked=locked)
        if row is None or member_id not in (row.from_member_id, row.to_member_id):
            raise UnknownRequest
        if row.from_member_id == member_id:
            if await self.repository.before(row.id) is not None:
                raise UnknownRequest  # passed on: its asker knows the first one alone
        elif row.state is State.UNDELIVERED or not await self._asker_is_there(row):
            raise UnknownRequest
        return row

    async def _asker_is_there(self, row: ContactRequest) -> bool:
        asker = row.from_member_id
        member = (await self.repository.members({asker})).get(asker) if asker else None
        return member is not None and is_there(member)

    async def of_member(self, member_id: UUID) -> ContactBook:
        """Return a member's requests, made and received."""
        mine = await self.repository.made_by(member_id)
        to_me = [row for row in await self.repository.made_to(member_id) if await self._asker_is_there(row)]
        return ContactBook(
            tuple(await self._entries(mine, member_id)),
            tuple(await self._entries(to_me, member_id)),
        )

    async def _entries(self, rows: Sequence[ContactRequest], member_id: UUID) -> list[ContactEntry]:
        if not rows:
            return []
        tree = await load_tree(self._session)
        return [await self._entry(row, member_id, tree) for row in rows]

    async def _entry(self, row: ContactRequest, member_id: UUID, tree: TopicTree) -> ContactEntry:
        is_mine = row.from_member_id == member_id
        last = await self._last(row) if is_mine else row
        outlook = _asker_sees(last) if is_mine else _asked_sees(row)
        organisation = row.organisation_id if is_mine else await self._organisation_of(row.from_member_id)
        names = await self.repository.organisation_names({organisation}) if organisation else {}
        # What was never brought to anybody has no words any more; its asker sees none of any that waits.
        return ContactEntry(
            id=row.id,
            is_mine=is_mine,
            outlook=outlook,
            organisation_id=organisation,
            organisation=names.get(organisation) if organisation else None,
            topic=tree.get(row.topic_id) if row.topic_id else None,
            text=row.text if outlook is Outlook.WAITING and not is_mine else "",
            created_at=row.created_at,
            expires_at=row.expires_at,
        )

    async def _last(self, row: ContactRequest) -> ContactRequest:
        """Return what became of a request that may have been passed on."""
        for _step in range(LONGEST_CHAIN + 1):
            following = await self.repository.get(row.passed_to_id) if row.passed_to_id else None
            if following is None:
                return row
            row = following
        return row

    async def _organisation_of(self, member_id: UUID | None) -> UUID | None:
        member = (await self.repository.members({member_id})).get(member_id) if member_id else None
        return member.organisation_id if member else None

    # The one who is asked

    async def accept(self, request_id: UUID, member_id: UUID) -> ContactCard:
        """Say yes; returns the asker's card. Raises ``UnknownRequest``, ``RequestOver``."""
        row = await self._open_to(request_id, member_id)
        await self._decide(row, State.ACCEPTED)
        first = await self.repository.first(row)
        await tell(
            self._session,
            ACCEPTED,
            member_id=row.from_member_id,
            identity_id=row.from_identity_id,
            data={"request": str(first.id)},
        )
        get_logger().info("contact_accepted", request=str(row.id))
        return await self.exchanged(request_id, member_id)

    async def decline(self, request_id: UUID, member_id: UUID) -> None:
        """Say no, without a reason. Raises ``UnknownRequest``, ``RequestOver``."""
        row = await self._open_to(request_id, member_id)
        await self._decide(row, State.DECLINED)

    async def _open_to(self, request_id: UUID, member_id: UUID) -> ContactRequest:
        """Return an open request to somebody; nobody else changes it in this transaction."""
        row = await self._mine_or_to_me(request_id, member_id, locked=True)
        if row.to_member_id != member_id:
            raise UnknownRequest
        if row.state is not State.OPEN or row.expires_at <= now():
            raise RequestOver
        return row

    async def _decide(self, row: ContactRequest, state: ContactState, **more: object) -> None:
        moment = now()
        if state is State.DECLINED:
            more["closes_at"] = declined_closes(row, moment, (await self.repository.first(row)).created_at)
        if not await self.repository.decide(row.id, state, decided_at=moment, **more):
            raise RequestOver
        if not await self.repository.is_reported(row.id):
            await self.repository.erase_words(row.id)
        await self.repository.get(row.id)

    async def colleagues(self, request_id: UUID, member_id: UUID, name: str) -> list[Colleague]:
        """Return colleagues of the asked person's house by that name. Raises ``UnknownRequest``, ``RequestOver``."""
        row = await self._open_to(request_id, member_id)
        return [Colleague(found.id, found.name) for found in await self._colleagues(row, member_id, name)]

    async def _colleagues(self, row: ContactRequest, member_id: UUID, name: str) -> list[Member]:
        own = (await self.repository.members({member_id})).get(member_id)
        folded = fold_person(name)
        if own is None or own.organisation_id is None or len(folded) < SHORTEST_NAME:
            return []
        asked = {row.from_member_id, *await self._asked_so_far(row)}
        found = [one for one in await self.repository.colleagues(own.organisation_id, folded) if one.id not in asked]
        # More than these are no name, but a list of who is here.
        return found if len(found) <= MOST_COLLEAGUES else [one for one in found if one.search_name == folded]

    async def _asked_so_far(self, row: ContactRequest) -> set[UUID]:
        asked: set[UUID] = set()
        current: ContactRequest | None = row
        while current is not None and len(asked) <= LONGEST_CHAIN:
            asked |= {current.to_member_id} if current.to_member_id else set()
            current = await self.repository.before(current.id)
        return asked

    async def pass_on(self, request_id: UUID, member_id: UUID, colleague: UUID) -> None:
        """Name a colleague, who is asked in turn. Raises ``UnknownRequest``, ``RequestOver``, ``UnknownColleague``."""
        row = await self._open_to(request_id, member_id)
        members = await self.repository.members({member_id, colleague}, locked=True)
        person, own, asked = members.get(colleague), members.get(member_id), await self._asked_so_far(row)
        if person is None or own is None or not _same_house(person, own) or not is_there(person):
            raise UnknownColleague
        if person.id in asked or len(asked) > LONGEST_CHAIN or person.id == row.from_member_id:
            raise UnknownColleague
        following = ContactRequest(
            id=new_id(),
            state=State.OPEN,
            from_member_id=row.from_member_id,
            from_identity_id=row.from_identity_id,
            to_member_id=person.id,
            organisation_id=row.organisation_id,
            topic_id=row.topic_id,
            text=row.text,
            created_at=now(),
            expires_at=row.expires_at,
            closes_at=row.expires_at,
        )
        brought = await self._may_be_brought(following, person)
        first = await self.repository.first(row)
        await self._keep(following, PASSED_ON if brought else None, asked_at=first.created_at)
        await self._decide(row, State.PASSED_ON, passed_to_id=following.id)
        get_logger().info("contact_passed_on", request=str(row.id))

    async def block(self, request_id: UUID, member_id: UUID) -> None:
        """Decline a request and want none from its asker any more. Raises ``UnknownRequest``."""
        row = await self._mine_or_to_me(request_id, member_id)
        if row.to_member_id != member_id or row.from_member_id is None:
            raise UnknownRequest
        await self.repository.add_block(
            Block(member_id=member_id, blocked_id=row.from_member_id, by_contact=True, created_at=now())
        )
        for one in await self.repository.open_between(row.from_member_id, member_id):
            await self._decide(one, State.DECLINED)
        get_logger().info("contact_blocked", request=str(row.id))

    async def unblock(self, member_id: UUID, key: UUID) -> None:
        """Let somebody ask again, by the key of the block."""
        await self.repository.remove_block(member_id, key)

    async def blocked(self, member_id: UUID) -> list[Blocked]:
        """Return whom a member has blocked, the newest first."""
        rows = await self.repository.blocked(member_id)
        keys = {member.organisation_id for block, member in rows if block.by_contact and member.organisation_id}
        names = await self.repository.organisation_names(keys)
        known = await self._known_to(member_id)
        return [
            Blocked(
                key=block.key,
                organisation=names.get(member.organisation_id) if block.by_contact and member.organisation_id else None,
                name=member.name if block.by_contact and member.id in known else None,
                created_at=block.created_at,
            )
            for block, member in rows
        ]

    async def _known_to(self, member_id: UUID) -> set[UUID | None]:
        """Return with whom a member has exchanged names."""
        to_me = {row.from_member_id for row in await self.repository.made_to(member_id) if row.state is State.ACCEPTED}
        mine = [await self._last(row) for row in await self.repository.made_by(member_id)]
        return to_me | {row.to_member_id for row in mine if row.state is State.ACCEPTED}

    # The asker

    async def withdraw(self, request_id: UUID, member_id: UUID) -> None:
        """Take one's own request back. Raises ``UnknownRequest``, ``RequestOver``."""
        row = await self._mine_or_to_me(request_id, member_id, locked=True)
        last = await self._last(row)
        if row.from_member_id != member_id:
            raise UnknownRequest
        if _asker_sees(last) is not Outlook.WAITING:
            raise RequestOver
        if not await self.repository.decide(last.id, State.WITHDRAWN, *UNSETTLED, decided_at=now()):
            raise RequestOver
        if not await self.repository.is_reported(last.id):
            await self.repository.erase_words(last.id)
        get_logger().info("contact_withdrawn", request=str(row.id))

    # Both

    async def exchanged(self, request_id: UUID, member_id: UUID) -> ContactCard:
        """Return the other side's card, for either side, once both said yes. Raises ``UnknownRequest``."""
        row = await self._mine_or_to_me(request_id, member_id)
        last = await self._last(row) if row.from_member_id == member_id else row
        other = last.to_member_id if row.from_member_id == member_id else row.from_member_id
        member = (await self.repository.members({other})).get(other) if other else None
        if last.state is not State.ACCEPTED or member is None or not is_there(member):
            raise UnknownRequest
        return await self._card(member)

    async def own_card(self, member_id: UUID) -> ContactCard:
        """Return what others would get of a member. Raises ``UnknownPeer``."""
        member = (await self.repository.members({member_id})).get(member_id)
        if member is None:
            raise UnknownPeer
        return await self._card(member)

    async def _card(self, member: Member) -> ContactCard:
        key = member.organisation_id
        names = await self.repository.organisation_names({key}) if key else {}
        addresses = tuple(await self.repository.addresses(member.id))
        return ContactCard(member.name, names.get(key) if key else None, addresses)

    # What happens by itself

    async def settle(self, moment: datetime, *, limit: int = 100) -> int:
        """Let requests expire, and tell askers what came to nothing, each once; returns how many rows changed."""
        ended = await self.repository.run_out(moment, limit)
        for row in ended:
            if await self.repository.decide(row.id, State.EXPIRED, decided_at=moment, closes_at=row.expires_at):
                await self.repository.erase_words(row.id)
        closing = await self.repository.to_close(moment, limit)
        for row in closing:
            if await self.repository.close(row.id, moment):
                await self._tell_not_available(row)
        return len(ended) + len(closing)

    async def _tell_not_available(self, row: ContactRequest) -> None:
        first = await self.repository.first(row)
        await tell(
            self._session,
            NOT_AVAILABLE,
            member_id=row.from_member_id,
            identity_id=row.from_identity_id,
            data={"request": str(first.id)},
        )


def is_there(member: Member) -> bool:
    """Whether a member takes part: neither suspended nor gone."""
    return member.active and member.suspended_at is None


def _same_house(one: Member | None, other: Member) -> bool:
    return one is not None and one.organisation_id is not None and one.organisation_id == other.organisation_id


def _asker_sees(row: ContactRequest) -> Outlook:
    if row.state is State.ACCEPTED:
        return Outlook.EXCHANGED
    if row.state is State.WITHDRAWN:
        return Outlook.WITHDRAWN
    return Outlook.WAITING if row.closed_at is None else Outlook.NOT_AVAILABLE


def _asked_sees(row: ContactRequest) -> Outlook:
    known = {
        State.OPEN: Outlook.WAITING,
        State.ACCEPTED: Outlook.EXCHANGED,
        State.DECLINED: Outlook.DECLINED,
        State.PASSED_ON: Outlook.PASSED_ON,
    }
    return known.get(row.state, Outlook.OVER)
