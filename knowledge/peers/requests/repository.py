"""The statements about contact requests and blocks."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, delete, exists, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from knowledge.models.chat import ChatIdentity, Network
from knowledge.models.mail import MailSubscription
from knowledge.models.member import Member
from knowledge.models.organisation import Organisation
from knowledge.models.peer import Block, ContactRequest, ContactState
from knowledge.models.question import NetworkReport

State = ContactState
# What an asker takes for waiting until they were told that it came to nothing.
UNSETTLED = (State.OPEN, State.UNDELIVERED, State.DECLINED, State.EXPIRED)
_ENDED = (State.UNDELIVERED, State.DECLINED, State.EXPIRED)
_Earlier = aliased(ContactRequest, name="earlier")


class ContactRepository:
    """Contact requests over one session; whoever opened it commits."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def add(self, row: ContactRequest) -> None:
        """Take in a new request."""
        self._session.add(row)
        await self._session.flush()

    async def get(self, request: UUID, *, locked: bool = False) -> ContactRequest | None:
        """Return a request as the database has it now, perhaps so that nobody else changes it meanwhile."""
        statement = select(ContactRequest).where(ContactRequest.id == request).execution_options(populate_existing=True)
        return await self._session.scalar(statement.with_for_update() if locked else statement)

    async def before(self, request: UUID) -> ContactRequest | None:
        """Return the request that was passed on as this one."""
        return await self._session.scalar(select(ContactRequest).where(ContactRequest.passed_to_id == request))

    async def first(self, row: ContactRequest) -> ContactRequest:
        """Return the request that was passed on as this one, perhaps several times: the one that its asker knows."""
        while (earlier := await self.before(row.id)) is not None:
            row = earlier
        return row

    async def members(self, keys: Collection[UUID], *, locked: bool = False) -> dict[UUID, Member]:
        """Return members by identifier, perhaps so that no other request of or to them goes on meanwhile."""
        statement = select(Member).where(Member.id.in_(keys)).order_by(Member.id)
        statement = statement.execution_options(populate_existing=True)
        found = await self._session.scalars(statement.with_for_update() if locked else statement)
        return {member.id: member for member in found}

    async def organisation_names(self, keys: Collection[UUID]) -> dict[UUID, str]:
        """Return names of organisations."""
        rows = await self._session.execute(select(Organisation.id, Organisation.name).where(Organisation.id.in_(keys)))
        return {row[0]: row[1] for row in rows}

    async def asked_since(self, asker: UUID, moment: datetime) -> Sequence[datetime]:
        """Return when somebody has asked since a moment, without what was passed on of it."""
        mine = (ContactRequest.from_member_id == asker, ContactRequest.created_at > moment, _is_first())
        return (await self._session.scalars(select(ContactRequest.created_at).where(*mine))).all()

    async def asked_before(self, asker: UUID, person: UUID, moment: datetime) -> bool:
        """Whether somebody has asked this very person since a moment."""
        there = exists().where(
            ContactRequest.from_member_id == asker,
            ContactRequest.to_member_id == person,
            ContactRequest.created_at > moment,
            _is_first(),
        )
        return bool(await self._session.scalar(select(there)))

    async def waiting_of(self, asker: UUID) -> Sequence[ContactRequest]:
        """Return what still waits, as far as its asker knows; of what was passed on, the last one."""
        statement = select(ContactRequest).where(
            ContactRequest.from_member_id == asker,
            ContactRequest.state.in_(UNSETTLED),
            ContactRequest.closed_at.is_(None),
        )
        return (await self._session.scalars(statement)).all()

    async def brought_since(self, person: UUID, moment: datetime) -> int:
        """Count the requests that were brought to somebody since a moment."""
        brought = (
            ContactRequest.to_member_id == person,
            ContactRequest.created_at > moment,
            ContactRequest.state != State.UNDELIVERED,
        )
        return await self._session.scalar(select(func.count()).select_from(ContactRequest).where(*brought)) or 0

    async def made_by(self, asker: UUID) -> Sequence[ContactRequest]:
        """Return what somebody asked, the newest first."""
        return await self._listed(ContactRequest.from_member_id == asker, _is_first())

    async def made_to(self, person: UUID) -> Sequence[ContactRequest]:
        """Return what was brought to somebody, the newest first."""
        return await self._listed(ContactRequest.to_member_id == person, ContactRequest.state != State.UNDELIVERED)

    async def open_between(self, asker: UUID, person: UUID) -> Sequence[ContactRequest]:
        """Return what one asked the other and is not decided."""
        between = (ContactRequest.from_member_id == asker, ContactRequest.to_member_id == person)
        return await self._listed(*between, ContactRequest.state == State.OPEN)

    async def _listed(self, *conditions: ColumnElement[bool]) -> Sequence[ContactRequest]:
        statement = select(ContactRequest).where(*conditions).execution_options(populate_existing=True)
        ordered = statement.order_by(ContactRequest.created_at.desc(), ContactRequest.id)
        return (await self._session.scalars(ordered)).all()

    async def decide(self, request: UUID, state: ContactState, *states: ContactState, **values: Any) -> bool:
        """Put a request that is open (or in one of ``states``) into another state; ``False`` where it is not."""
        statement = update(ContactRequest).where(
            ContactRequest.id == request, ContactRequest.state.in_(states or (State.OPEN,))
        )
        changed = statement.values(state=state, **values).returning(ContactRequest.id)
        result = await self._session.execute(changed.execution_options(synchronize_session=False))
        return result.first() is not None

    async def is_reported(self, request: UUID) -> bool:
        """Whether moderators are still to look at the words of a request."""
        there = exists().where(NetworkReport.contact_request_id == request, NetworkReport.closed_at.is_(None))
        return bool(await self._session.scalar(select(there)))

    async def erase_words(self, request: UUID) -> None:
        """Erase the words of a request."""
        statement = update(ContactRequest).where(ContactRequest.id == request).values(text="")
        await self._session.execute(statement.execution_options(synchronize_session=False))

    async def colleagues(self, organisation: UUID, search_name: str) -> Sequence[Member]:
        """Return the members of a house whose name has these words."""
        named = [Member.search_name.contains(word, autoescape=True) for word in search_name.split()]
        there = (Member.active.is_(True), Member.suspended_at.is_(None))
        statement = select(Member).where(Member.organisation_id == organisation, *there, *named)
        return (await self._session.scalars(statement.order_by(Member.search_name, Member.id))).all()

    async def addresses(self, member: UUID) -> list[tuple[Network, str]]:
        """Return where a member can be written to by people: on Matrix, and by mail where the address is confirmed."""
        confirmed = and_(ChatIdentity.network == Network.MAIL, MailSubscription.confirmed_at.is_not(None))
        statement = (
            select(ChatIdentity.network, ChatIdentity.address)
            .outerjoin(MailSubscription, MailSubscription.identity_id == ChatIdentity.id)
            .where(ChatIdentity.member_id == member, or_(ChatIdentity.network == Network.MATRIX, confirmed))
            .order_by(ChatIdentity.network.desc(), ChatIdentity.created_at, ChatIdentity.id)
        )
        return [(row[0], row[1]) for row in await self._session.execute(statement)]

    # What happens by itself

    async def run_out(self, moment: datetime, limit: int) -> Sequence[ContactRequest]:
        """Return open requests whose time is over."""
        statement = select(ContactRequest).where(
            ContactRequest.state == State.OPEN, ContactRequest.expires_at <= moment
        )
        return (await self._session.scalars(statement.order_by(ContactRequest.expires_at).limit(limit))).all()

    async def to_close(self, moment: datetime, limit: int) -> Sequence[ContactRequest]:
        """Return requests that came to nothing and whose askers are to hear of it."""
        statement = select(ContactRequest).where(
            ContactRequest.state.in_(_ENDED),
            ContactRequest.closed_at.is_(None),
            ContactRequest.closes_at <= moment,
        )
        return (await self._session.scalars(statement.order_by(ContactRequest.closes_at).limit(limit))).all()

    async def close(self, request: UUID, moment: datetime) -> bool:
        """Note that its asker is told now; ``False`` where somebody else did."""
        statement = update(ContactRequest).where(ContactRequest.id == request, ContactRequest.closed_at.is_(None))
        closed = statement.values(closed_at=moment).returning(ContactRequest.id)
        result = await self._session.execute(closed.execution_options(synchronize_session=False))
        return result.first() is not None

    async def with_words(self, moment: datetime, limit: int) -> Sequence[UUID]:
        """Return requests that are over and whose words need not be kept any more."""
        reported = exists().where(
            NetworkReport.contact_request_id == ContactRequest.id, NetworkReport.closed_at.is_(None)
        )
        over = (ContactRequest.state != State.OPEN, ContactRequest.text != "")
        statement = select(ContactRequest.id).where(*over, or_(~reported, ContactRequest.expires_at <= moment))
        return (await self._session.scalars(statement.limit(limit))).all()

    async def forget(self, before: datetime) -> int:
        """Delete what was decided, or ran out, before a moment."""
        over = and_(ContactRequest.state != State.OPEN, ContactRequest.expires_at < before)
        settled = or_(ContactRequest.closed_at.is_not(None), ContactRequest.state.not_in(_ENDED))
        found = (await self._session.scalars(select(ContactRequest.id).where(over, settled))).all()
        await self._delete(found)
        return len(found)

    async def _delete(self, requests: Collection[UUID]) -> None:
        # The tables would do so by themselves, but not within a restore on SQLite.
        await self._session.execute(delete(NetworkReport).where(NetworkReport.contact_request_id.in_(requests)))
        loose = update(ContactRequest).where(ContactRequest.passed_to_id.in_(requests)).values(passed_to_id=None)
        await self._session.execute(loose.execution_options(synchronize_session=False))
        gone = delete(ContactRequest).where(ContactRequest.id.in_(requests))
        await self._session.execute(gone.execution_options(synchronize_session=False))

    # Somebody goes

    async def forget_asker(self, member: UUID) -> None:
        """Delete all that a member asked."""
        mine = select(ContactRequest.id).where(ContactRequest.from_member_id == member)
        await self._delete((await self._session.scalars(mine)).all())

    async def of_person(self, member: UUID) -> Sequence[ContactRequest]:
        """Return what was asked of a member, also what they were not told of."""
        return await self._listed(ContactRequest.to_member_id == member)

    async def let_go(self, request: UUID, **values: Any) -> None:
        """Set columns of a request."""
        statement = update(ContactRequest).where(ContactRequest.id == request).values(**values)
        await self._session.execute(statement.execution_options(synchronize_session=False))

    # Blocks

    async def blocks(self, member: UUID, blocked: UUID) -> bool:
        """Whether a member wants no requests from another one."""
        there = exists().where(Block.member_id == member, Block.blocked_id == blocked)
        return bool(await self._session.scalar(select(there)))

    async def add_block(self, block: Block) -> None:
        """Note that a member wants no requests from another one."""
        if not await self.blocks(block.member_id, block.blocked_id):
            self._session.add(block)
            await self._session.flush()

    async def remove_block(self, member: UUID, key: UUID) -> bool:
        """Let somebody ask again, by the key of the block; ``False`` where there is none."""
        statement = delete(Block).where(Block.member_id == member, Block.key == key)
        return (await self._session.execute(statement.returning(Block.blocked_id))).first() is not None

    async def blocked(self, member: UUID) -> Sequence[tuple[Block, Member]]:
        """Return whom a member has blocked, the newest first."""
        statement = select(Block, Member).join(Member, Member.id == Block.blocked_id).where(Block.member_id == member)
        rows = await self._session.execute(statement.order_by(Block.created_at.desc(), Block.blocked_id))
        return [(row[0], row[1]) for row in rows]

    async def forget_blocks(self, member: UUID) -> None:
        """Delete the blocks of a member, and those against them."""
        await self._session.execute(delete(Block).where(or_(Block.member_id == member, Block.blocked_id == member)))


def _is_first() -> ColumnElement[bool]:
    """Whether nobody passed a request on as this one."""
    return ~exists().where(_Earlier.passed_to_id == ContactRequest.id)
