"""Members with addresses, and a clock that is moved."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from knowledge.access.keys import AccessKey
from knowledge.chats.service import ChatService
from knowledge.kit.clock import use_clock
from knowledge.kit.database import Database
from knowledge.kit.ids import new_id
from knowledge.kit.unit_of_work import unit_of_work
from knowledge.mailing.schemas import MailEntry, Wishes
from knowledge.mailing.service import MailingService
from knowledge.mailing.tokens import Confirmation, MailTokens
from knowledge.members.service import MemberService
from knowledge.models.chat import ChatKind, Network
from knowledge.models.member import Role
from knowledge.organisations.schemas import NewOrganisation
from knowledge.organisations.service import OrganisationService

ANNA, BEN = "anna@lindenau.de", "ben@lindenau.de"
TOKENS = MailTokens(AccessKey(b"k" * 32))


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.moment = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
        use_clock(lambda: self.moment)

    def forward(self, **much: float) -> None:
        """Move it."""
        self.moment += timedelta(**much)


async def make_member(database: Database, name: str = "Anna") -> UUID:
    """Make a member of „Lindenau"."""
    async with unit_of_work(database) as unit:
        organisations = OrganisationService(unit.session)
        if await organisations.repository.by_key("lindenau") is None:
            await organisations.add(NewOrganisation(key="lindenau", name="Lindenau"))
        return (await MemberService(unit.session).add(name, "lindenau", Role.MEMBER)).id


async def claim(database: Database, member: UUID, address: str = ANNA, wishes: Wishes | None = None) -> None:
    """Let a member give an address."""
    async with unit_of_work(database) as unit:
        await MailingService(unit).claim(member, address, wishes or Wishes())


async def confirm(database: Database, member: UUID, address: str = ANNA, *, at: datetime | None = None) -> MailEntry:
    """Let whoever reads the mail at an address follow the link that was made for a member."""
    async with unit_of_work(database) as unit:
        mailing = MailingService(unit)
        entry = await mailing.repository.by_address(address)
        assert entry is not None
        return await mailing.confirm(Confirmation(entry.identity_id, member, at or entry.created_at))


async def subscribe(database: Database, member: UUID, address: str = ANNA, wishes: Wishes | None = None) -> MailEntry:
    """Give and confirm an address."""
    await claim(database, member, address, wishes)
    return await confirm(database, member, address)


async def entry_of(database: Database, address: str = ANNA) -> MailEntry | None:
    """Return what is kept of an address."""
    async with unit_of_work(database, writes=False) as unit:
        return await MailingService(unit).repository.by_address(address)


async def add_chat(database: Database, member: UUID, network: Network, *, direct: bool = True) -> UUID:
    """Give a member an account on a chat network."""
    async with unit_of_work(database) as unit:
        chats = ChatService(unit.session)
        person = await chats.keep_person(await chats.look_up_person(network, f"{network.value}-{new_id().hex}"))
        await chats.change_person(person.id, member_id=member)
        if direct:
            place = await chats.look_up_chat(network, f"chat-{person.id.hex}", ChatKind.DIRECT)
            await chats.keep_chat(place, of=person.id)
        return person.id
