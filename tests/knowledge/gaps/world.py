"""People who ask a small library, and the gaps that come of it."""

import hashlib
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from uuid import UUID

from sqlalchemy import select

from knowledge.access.visibility import Viewer, anybody, network_member
from knowledge.chats.service import ChatService
from knowledge.conversations.schemas import Anchor, ExchangeEntry
from knowledge.conversations.service import ConversationService
from knowledge.gaps.closing import look_after_gaps
from knowledge.kit.database import Database
from knowledge.kit.ids import new_id
from knowledge.kit.unit_of_work import unit_of_work
from knowledge.library.answers.service import AnswerService
from knowledge.library.files.blocks import Block, ParsedFile
from knowledge.library.indexes.owner import IndexOwner
from knowledge.library.schemas import Description
from knowledge.library.service import IncomingFile, LibraryService
from knowledge.members.service import MemberService
from knowledge.models.chat import ChatIdentity, ChatKind, Network
from knowledge.models.document import Visibility
from knowledge.models.gap import Gap, GapQuestion
from knowledge.models.question import OpenQuestion, ReleasedAs
from knowledge.organisations.schemas import NewOrganisation
from knowledge.organisations.service import OrganisationService
from tests.kept_settings import kept_settings

HOUSE = "lindenau"
# Three people ask the same in words of their own.
WORDINGS = (
    "Welches Streusalz darf man auf Brücken verwenden?",
    "Darf man Streusalz auf Brücken verwenden?",
    "Streusalz Brücken erlaubt",
)
ANSWER = (
    "Auf Brücken darf man als Streusalz nur salzfreies Granulat verwenden; Streusalz auf Brücken ist nicht erlaubt."
)
OTHER = (
    "Der Bauhof hat neue Fahrzeuge bekommen.",
    "Die Bücherei öffnet im Winter erst um zehn Uhr.",
    "Der Gemeinderat tagt jeden zweiten Dienstag im großen Saal.",
)


@dataclass(slots=True)
class World:
    """A library in words alone, and whoever asks it."""

    database: Database
    owner: IndexOwner
    answers: AnswerService
    people: dict[str, tuple[UUID, UUID, UUID]] = field(default_factory=dict)

    async def person(self, name: str) -> tuple[UUID, UUID, UUID]:
        """Return a member's identity, direct chat and own key; they come when they are first named."""
        if name not in self.people:
            async with unit_of_work(self.database) as unit:
                chats = ChatService(unit.session)
                identity = await chats.keep_person(await chats.look_up_person(Network.MATRIX, f"@{name}:ort.test"))
                member = await MemberService(unit.session).add(name.title(), HOUSE)
                (await unit.session.get_one(ChatIdentity, identity.id)).member_id = member.id
                chat = await chats.look_up_chat(Network.MATRIX, f"!{name}:ort.test", ChatKind.DIRECT)
                chat = await chats.keep_chat(chat, of=identity.id)
            self.people[name] = identity.id, chat.id, member.id
        return self.people[name]

    async def ask(
        self, name: str, text: str, *, viewer: Viewer | None = None, answered: bool | None = None, **trace: bool
    ) -> ExchangeEntry:
        """Let somebody ask; with ``answered``, whatever the library says."""
        identity, chat, _member = await self.person(name)
        prepared = await self.answers.prepare(text, viewer or network_member())
        if answered is not None:
            prepared = replace(prepared, reply=replace(prepared.reply, answered=answered))
        prepared = replace(prepared, trace={**trace, **prepared.trace})
        async with unit_of_work(self.database) as unit:
            anchor = Anchor(chat, None, prepared.question_id.hex)
            return await ConversationService(unit.session).keep(prepared, anchor, asker_id=identity, days=14)

    async def all_ask(self, texts: Sequence[str] = WORDINGS) -> list[ExchangeEntry]:
        """Let a different person ask each of these."""
        return [await self.ask(f"person{number}", text) for number, text in enumerate(texts)]

    async def ask_publicly(self, name: str, text: str) -> ExchangeEntry:
        """Let somebody ask where only what is public is found."""
        return await self.ask(name, text, viewer=anybody())

    async def release(self, name: str, text: str) -> UUID:
        """Keep an open question of a member."""
        identity, _chat, member = await self.person(name)
        async with unit_of_work(self.database) as unit:
            row = OpenQuestion(
                id=new_id(), text=text, member_id=member, identity_id=identity, released_as=ReleasedAs.ANONYMOUS
            )
            unit.session.add(row)
        return row.id

    async def publish(self, source: str, text: str, *, visibility: Visibility = Visibility.NETWORK) -> UUID:
        """Publish a document; of one house where that is said."""
        house = HOUSE if visibility is Visibility.HOUSE else None
        said = Description(visibility=visibility, organisation=house)
        async with unit_of_work(self.database) as unit:
            done = await LibraryService(unit).take_in(file_of(source, text), said)
        await self.index()
        assert done.document is not None
        return UUID(done.document)

    async def withdraw(self, source: str) -> None:
        """Take a document back."""
        async with unit_of_work(self.database) as unit:
            library = LibraryService(unit)
            await library.withdraw(await library.find_document(source))
        await self.index()

    async def index(self) -> None:
        """Bring the index up to date."""
        await self.owner.follow_words()

    async def look(self) -> None:
        """Look after the gaps."""
        await look_after_gaps(self.answers, self.database)

    async def gaps(self) -> list[Gap]:
        """Return all gaps, the oldest first."""
        async with unit_of_work(self.database, writes=False) as unit:
            return list((await unit.session.scalars(select(Gap).order_by(Gap.created_at))).all())

    async def gap(self) -> Gap:
        """Return the only gap."""
        (gap,) = await self.gaps()
        return gap

    async def questions(self) -> list[GapQuestion]:
        """Return all questions in gaps."""
        async with unit_of_work(self.database, writes=False) as unit:
            return list((await unit.session.scalars(select(GapQuestion).order_by(GapQuestion.created_at))).all())


@asynccontextmanager
async def open_world(database: Database) -> AsyncIterator[World]:
    """Open a library with some documents that answer nothing of what is asked here."""
    known = kept_settings()
    settings = replace(known, embedding=known.embedding.model_copy(update={"embedding_model": "none"}))
    owner = await IndexOwner.open(settings, database, lambda _said: None)
    world = World(database, owner, AnswerService(database, owner, settings.answers))
    try:
        async with unit_of_work(database) as unit:
            await OrganisationService(unit.session).add(NewOrganisation(key=HOUSE, name="Lindenau"))
            for number, text in enumerate(OTHER):
                await LibraryService(unit).take_in(file_of(f"other-{number}", text), Description())
        await world.index()
        yield world
    finally:
        await owner.close()


def file_of(source: str, text: str) -> IncomingFile:
    """Return a text as a file that was read."""
    parsed = ParsedFile((Block("paragraph", text),), source, {}, "text/plain")
    return IncomingFile(source, hashlib.sha256(text.encode()).hexdigest(), len(text), parsed)
