"""What belongs to a house never reaches others, whichever way they look."""

import hashlib
import random
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID, uuid4

import pytest
import pytest_asyncio

from knowledge.access.visibility import (
    HouseNeedsOrganisation,
    Viewer,
    VisibilityNeedsCircle,
    access_token,
    anybody,
    network_member,
)
from knowledge.circles.service import CircleService
from knowledge.kit.database import Database
from knowledge.kit.settings import AnswerSettings, load_settings
from knowledge.kit.unit_of_work import unit_of_work
from knowledge.library.answers.service import AnswerService
from knowledge.library.answers.traces import find_trace
from knowledge.library.files.blocks import Block, ParsedFile
from knowledge.library.indexes.owner import IndexOwner
from knowledge.library.repository import DocumentFilter, DocumentRepository
from knowledge.library.schemas import Description
from knowledge.library.service import IncomingFile, LibraryService
from knowledge.models.document import Visibility
from knowledge.organisations.schemas import NewOrganisation
from knowledge.organisations.service import OrganisationService

HOUSES = ("ahorn", "birke", "eiche")
CIRCLES = ("Klima", "Wärme", "Digitales")
VISIBILITIES = (Visibility.HOUSE, Visibility.CIRCLE, Visibility.NETWORK, Visibility.PUBLIC)
DOCUMENTS = 32


@dataclass(frozen=True)
class Secret:
    """A document with a word and an abbreviation that no other has, and who may find it."""

    source: str
    word: str
    short: str
    visibility: Visibility
    house: str
    circle: str
    withdrawn: bool

    def is_for(self, who: str) -> bool:
        """Whether ``who`` (``anybody``, ``network``, a house or a circle) may find it: the rule, written once more."""
        if self.withdrawn:
            return False
        if self.visibility is Visibility.PUBLIC:
            return True
        if self.visibility is Visibility.NETWORK:
            return who in ("network", *HOUSES)
        return who == (self.house if self.visibility is Visibility.HOUSE else self.circle)


def make_secret(number: int, chance: random.Random) -> Secret:
    # Three invented words; their initials are the abbreviation, which no other document has.
    initials = "BDFGKLMNPRSTW"[number % 13] + "BDFGKLMNPRSTW"[number // 13] + "Z"
    words = [
        letter + "".join(chance.choice("aeiou") + chance.choice("bdfgklmn") for _ in range(3)) for letter in initials
    ]
    return Secret(
        source=f"{number}.md",
        word=" ".join(words),
        short=initials,
        visibility=VISIBILITIES[number % 4],
        house=HOUSES[number // 4 % 3],
        circle=CIRCLES[number // 4 % 3],
        withdrawn=chance.random() < 0.15,
    )


@dataclass
class Library:
    """A library full of secrets, and those who look for them."""

    secrets: list[Secret]
    viewers: dict[str, Viewer]
    answers: AnswerService
    database: Database

    def allowed(self, who: str) -> set[str]:
        return {secret.source for secret in self.secrets if secret.is_for(who)}


async def take_in(database: Database, secret: Secret) -> None:
    text = (
        f"Die {secret.word} ({secret.short}) der Gemeinde kostet Geld. Die {secret.word} steht am Rathaus. "
        "Alle Gemeinden betreiben gemeinsame Bauhöfe und Kläranlagen."
    )
    parsed = ParsedFile(
        (Block("heading", f"Bericht zur {secret.word}", 1), Block("paragraph", text)), None, {}, "text/plain"
    )
    file = IncomingFile(secret.source, hashlib.sha256(text.encode()).hexdigest(), len(text), parsed)
    async with unit_of_work(database) as unit:
        library = LibraryService(unit)
        circle = secret.circle if secret.visibility is Visibility.CIRCLE else None
        said = Description(visibility=secret.visibility, organisation=secret.house, circle=circle)
        await library.take_in(file, said)
        if secret.withdrawn:
            await library.withdraw(await library.find_document(secret.source))


@pytest_asyncio.fixture
async def library(database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Library]:
    monkeypatch.setenv("ALLMENDE_EMBEDDING_MODEL", "none")
    chance = random.Random(7)
    secrets = [make_secret(number, chance) for number in range(DOCUMENTS)]
    viewers = {"anybody": anybody(), "network": network_member()}
    async with unit_of_work(database) as unit:
        for key in HOUSES:
            house = await OrganisationService(unit.session).add(NewOrganisation(name=f"Gemeinde {key}", key=key))
            viewers[key] = network_member(house.id)
        for name in CIRCLES:
            circle = await CircleService(unit.session).add(name)
            viewers[name] = Viewer(frozenset({"public", access_token(Visibility.CIRCLE, None, circle.id)}))
    for secret in secrets:
        await take_in(database, secret)
    owner = await IndexOwner.open(load_settings(), database, lambda _said: None)
    await owner.follow_words()
    # Answers to everything, so that a leak would show.
    yield Library(secrets, viewers, AnswerService(database, owner, AnswerSettings(answer_line=0)), database)
    await owner.close()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
class TestNoWayLeadsIntoAnotherHouse:
    async def test_searching(self, library: Library) -> None:
        for who, viewer in library.viewers.items():
            found = await library.answers.search("Gemeinde Rathaus Bauhöfe", viewer, limit=100)
            assert {result.source for result in found.results} == library.allowed(who)
            for secret in library.secrets:
                found = await library.answers.search(secret.word, viewer, limit=100)
                sources = {result.source for result in found.results}
                assert sources <= library.allowed(who)
                assert (secret.source in sources) is secret.is_for(who)

    async def test_answers_suggestions_and_what_abbreviations_give_away(self, library: Library) -> None:
        for who, viewer in library.viewers.items():
            for secret in library.secrets:
                reply = await library.answers.ask(f"Was kostet die {secret.short}?", viewer)
                shown = [*reply.citations, *reply.suggestions]
                assert {citation.source for citation in shown} <= library.allowed(who)
                async with unit_of_work(library.database, writes=False) as unit:
                    trace = await find_trace(unit.session, reply.answer_id)
                learned = [term for terms in trace["expansions"].values() for term in terms]
                assert (secret.word in learned) is secret.is_for(who), (who, secret)

    async def test_abstaining_suggests_nothing_of_others(self, library: Library) -> None:
        never = AnswerService(library.database, library.answers._retriever._indexes, AnswerSettings(answer_line=1))
        for who, viewer in library.viewers.items():
            for secret in library.secrets:
                reply = await never.ask(f"Wo steht die {secret.word}?", viewer)
                assert not reply.answered
                assert {citation.source for citation in reply.suggestions} <= library.allowed(who)

    async def test_listing(self, library: Library) -> None:
        for who, viewer in library.viewers.items():
            async with unit_of_work(library.database, writes=False) as unit:
                rows = await DocumentRepository(unit.session).listed(DocumentFilter(viewer=viewer))
            assert {document.source for document, _organisation in rows} == library.allowed(who)

    async def test_a_change_counts_at_once_even_before_it_is_indexed(self, library: Library) -> None:
        secret = next(item for item in library.secrets if item.is_for("anybody"))
        assert (await library.answers.search(secret.word, anybody(), limit=5)).results
        async with unit_of_work(library.database) as unit:
            service = LibraryService(unit)
            await service.withdraw(await service.find_document(secret.source))
        found = await library.answers.search(secret.word, anybody(), limit=5)
        assert secret.source not in {result.source for result in found.results}


class TestTokens:
    def test_each_house_has_its_own(self) -> None:
        one, other = uuid4(), uuid4()
        assert access_token(Visibility.HOUSE, one) != access_token(Visibility.HOUSE, other)
        assert access_token(Visibility.HOUSE, UUID(int=1)) == f"house:{UUID(int=1).hex}"

    def test_a_house_without_an_organisation_is_refused(self) -> None:
        with pytest.raises(HouseNeedsOrganisation):
            access_token(Visibility.HOUSE, None)

    def test_each_circle_has_its_own(self) -> None:
        assert access_token(Visibility.CIRCLE, uuid4(), UUID(int=1)) == f"circle:{UUID(int=1).hex}"
        with pytest.raises(VisibilityNeedsCircle):
            access_token(Visibility.CIRCLE, UUID(int=1))

    def test_a_member_without_an_organisation_sees_no_house(self) -> None:
        assert network_member().access == frozenset({"public", "network"})
        assert anybody().access == frozenset({"public"})
