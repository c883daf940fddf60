"""Tests of what an experience becomes, who finds it, and that it is gone once it is taken back."""

import json
from typing import Any
from uuid import UUID

import pytest
import pytest_asyncio
from sqlalchemy import select

from knowledge.access.visibility import Viewer
from knowledge.chats.schemas import IdentityEntry
from knowledge.chats.service import ChatService
from knowledge.circles.audience import viewer_for
from knowledge.circles.audiences import audience_of
from knowledge.contributions.errors import UnknownOriginal
from knowledge.contributions.publishing import experience_blocks, year_of
from knowledge.contributions.schemas import Wishes
from knowledge.contributions.service import ContributionService
from knowledge.kit.database import Database
from knowledge.kit.ids import new_id
from knowledge.kit.language import choose_language
from knowledge.kit.unit_of_work import unit_of_work
from knowledge.library.merging import merge_documents
from knowledge.library.repository import DocumentRepository
from knowledge.library.service import LibraryService, WithdrawnForGood, unpack_blocks
from knowledge.library.transfer import TransferResult, TransferService, read_line
from knowledge.models import Chat, Circle, Document, DocumentVersion, Passage, Report
from knowledge.models.chat import ChatKind, Network
from knowledge.models.contribution import Attribution, ContributionState
from knowledge.models.document import Kind, Status, Visibility
from tests.knowledge.contributions.world import (
    FIELDS,
    House,
    add_circle,
    add_house,
    add_neighbours,
    entry_of,
    publish_it,
    send,
)

only_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
ANONYMOUS = Wishes(attribution=Attribution.ANONYMOUS)


@pytest_asyncio.fixture
async def house(database: Database) -> House:
    async with unit_of_work(database) as unit:
        found = await add_house(unit.session)
        await add_neighbours(unit.session, 5)
        return found


async def texts(database: Database, document: UUID) -> list[list[str]]:
    """Return the texts of all versions of a document."""
    async with unit_of_work(database, writes=False) as unit:
        versions = await DocumentRepository(unit.session).versions(document, with_content=True)
        return [[block.text for block in unpack_blocks(version.blocks)] for version in versions]


async def export(database: Database) -> list[str]:
    async with unit_of_work(database, writes=False) as unit:
        return [line.model_dump_json() async for line in TransferService(unit).export()]


async def document_of(database: Database, key: UUID) -> Document:
    async with unit_of_work(database, writes=False) as unit:
        return await unit.session.get_one(Document, key)


@only_sqlite
class TestPublishing:
    async def test_an_experience_becomes_a_document_with_german_headings(
        self, database: Database, house: House
    ) -> None:
        choose_language("en")
        sent = await send(database, house.author)
        document = await publish_it(database, sent.id)

        assert (document.kind, document.title, document.year) == (Kind.EXPERIENCE, FIELDS["title"], 2024)
        assert document.organisation_id == house.id
        assert document.details == {"status": "failed", "would_do_again": "no", "period": "2022 bis 2024"}
        assert document.topics == ["KI", "Website"]
        assert (await texts(database, document.id))[0][:4] == [
            "Ausgangslage",
            "Das Telefon klingelte.",
            "Was wir getan haben",
            "Wir mieteten einen Dienst.",
        ]
        assert "Ansprechperson" in (await texts(database, document.id))[0]
        assert (await entry_of(database, sent.id)).document_id == document.id

    async def test_lists_stay_lists(self, database: Database, house: House) -> None:
        sent = await send(database, house.author, outcome="Drei Dinge:\n- eins\n- zwei\nUnd Schluss.")

        blocks = experience_blocks(await entry_of(database, sent.id)).blocks
        found = [(block.kind, block.text) for block in blocks if block.kind != "heading"]
        assert ("list", "eins\nzwei") in found
        assert found.index(("paragraph", "Drei Dinge:")) + 2 == found.index(("paragraph", "Und Schluss."))


class TestYear:
    @pytest.mark.parametrize(
        ("period", "year"), [("2022 bis 2024", 2024), ("seit Herbst 2021", 2021), ("seit 2999", None), ("", None)]
    )
    def test_the_year_is_the_last_of_the_period(self, period: str, year: int | None) -> None:
        assert year_of(period) == year


@only_sqlite
class TestAnonymity:
    async def test_nothing_of_it_leads_to_the_house_or_the_person(self, database: Database, house: House) -> None:
        sent = await send(database, house.author, ANONYMOUS)
        document = await publish_it(database, sent.id)

        assert document.publisher == "Eine Gemeinde in Brandenburg mit 2.000 bis 5.000 Einwohnern"
        (line,) = await export(database)
        for trace in ("Kranichhorst", "Frau Beispiel", house.id.hex, str(house.id), str(house.member.id)):
            assert trace not in line
        assert "klingelte" in line

    async def test_a_correction_that_takes_the_name_away_takes_it_out_of_old_versions(
        self, database: Database, house: House
    ) -> None:
        document = await publish_it(database, (await send(database, house.author)).id)
        async with unit_of_work(database) as unit:
            service = ContributionService(unit)
            draft = await service.start(house.author, corrects=document.id)
            await service.change(draft.id, house.author, wishes=ANONYMOUS)
            await service.submit(draft.id, house.author)
        await publish_it(database, draft.id)

        (line,) = await export(database)
        assert json.loads(line)["organisation"] is None
        assert "Frau Beispiel" not in line
        assert (await texts(database, document.id))[0] == []


@only_sqlite
class TestCircles:
    async def chat_access(self, database: Database, circle: UUID) -> Viewer:
        async with unit_of_work(database) as unit:
            chat = Chat(id=new_id(), network=Network.MATRIX, address=f"!{circle.hex}", kind=ChatKind.GROUP)
            unit.session.add(chat)
            await unit.session.flush()
            (await unit.session.get_one(Circle, circle)).chat_id = chat.id
        async with unit_of_work(database, writes=False) as unit:
            entry = await ChatService(unit.session).look_up_chat(Network.MATRIX, f"!{circle.hex}", ChatKind.GROUP)
        return viewer_for(entry, IdentityEntry(new_id(), Network.MATRIX, "@a:x"), telegram_visibility="public")

    async def three_circles(self, database: Database) -> list[UUID]:
        async with unit_of_work(database) as unit:
            return [await add_circle(unit.session, name) for name in ("Klima", "Kita", "Wege")]

    async def test_several_circles_find_it_and_no_other(self, database: Database, house: House) -> None:
        first, second, third = await self.three_circles(database)
        wishes = Wishes(Visibility.CIRCLE, circles=(first, second))
        document = await publish_it(database, (await send(database, house.author, wishes)).id)

        found = [(await self.chat_access(database, circle)).may_find(document) for circle in (first, second, third)]
        assert found == [True, True, False]
        assert document.access.startswith("circles:")
        again = await publish_it(database, (await send(database, house.author, wishes)).id)
        assert again.audience_id == document.audience_id

    async def test_one_circle_needs_no_audience(self, database: Database, house: House) -> None:
        first, second, _third = await self.three_circles(database)
        wishes = Wishes(Visibility.CIRCLE, circles=(first,))
        document = await publish_it(database, (await send(database, house.author, wishes)).id)

        assert (document.circle_id, document.audience_id) == (first, None)
        assert not (await self.chat_access(database, second)).may_find(document)

    async def test_only_the_very_same_circles_share_an_audience(self, database: Database) -> None:
        first, second, third = await self.three_circles(database)
        async with unit_of_work(database) as unit:
            audiences = [
                await audience_of(unit.session, circles)
                for circles in ([first, second], [second, first], [first, second, third], [second, third])
            ]
        assert audiences[0] == audiences[1]
        assert len(set(audiences)) == 3

    async def test_an_export_brings_the_circles_back(self, database: Database, house: House) -> None:
        first, second, _third = await self.three_circles(database)
        wishes = Wishes(Visibility.CIRCLE, circles=(first, second))
        document = await publish_it(database, (await send(database, house.author, wishes)).id)
        (line,) = await export(database)
        assert json.loads(line)["circles"] == ["Kita", "Klima"]

        async with unit_of_work(database) as unit:
            outcome = await TransferService(unit).take_in(read_line(line.encode()))
        assert outcome.result is TransferResult.UNCHANGED
        moved = json.loads(line) | {"id": str(new_id()), "source": "anderswo"}
        async with unit_of_work(database) as unit:
            await TransferService(unit).take_in(read_line(json.dumps(moved).encode()))
            copy = await LibraryService(unit).find_document("anderswo")
            assert copy.access == document.access


@only_sqlite
class TestCorrecting:
    async def test_ones_own_experience_gets_a_new_version(self, database: Database, house: House) -> None:
        document = await publish_it(database, (await send(database, house.author)).id)
        async with unit_of_work(database) as unit:
            service = ContributionService(unit)
            draft = await service.start(house.author, corrects=document.id)
            assert draft.fields == FIELDS
            await service.change(draft.id, house.author, fields={"costs": "7.000 Euro."})
            await service.submit(draft.id, house.author)

        corrected = await publish_it(database, draft.id)
        assert (corrected.id, corrected.version) == (document.id, 2)
        old, new = await texts(database, document.id)
        assert "5.900 Euro im Jahr." in old
        assert "7.000 Euro." in new

    async def test_what_was_for_fewer_people_stays_with_them(self, database: Database, house: House) -> None:
        document = await publish_it(database, (await send(database, house.author, Wishes(Visibility.HOUSE))).id)
        async with unit_of_work(database) as unit:
            service = ContributionService(unit)
            draft = await service.start(house.author, corrects=document.id)
            await service.change(draft.id, house.author, wishes=Wishes(Visibility.PUBLIC))
            await service.submit(draft.id, house.author)

        assert (await publish_it(database, draft.id)).shown_from == 2

    async def test_anybodys_document_gets_a_suggestion(self, database: Database, house: House) -> None:
        document = await publish_it(database, (await send(database, house.author)).id)
        async with unit_of_work(database) as unit:
            other = await add_house(unit.session, "Anderswo")
            service = ContributionService(unit)
            fields = {"suggestion": "Es waren 6.000 Euro.", "quote": "5.900 Euro"}
            draft = await service.start(other.author, corrects=document.id, fields=fields)
            sent = await service.submit(draft.id, other.author)
        assert sent.is_suggestion
        assert sent.fields == fields

        assert (await publish_it(database, draft.id)).version == 1

    async def test_what_one_may_not_find_does_not_exist(self, database: Database, house: House) -> None:
        wishes = Wishes(Visibility.HOUSE)
        document = await publish_it(database, (await send(database, house.author, wishes)).id)
        async with unit_of_work(database) as unit:
            other = await add_house(unit.session, "Anderswo")
            for missing in (document.id, new_id()):
                with pytest.raises(UnknownOriginal):
                    await ContributionService(unit).start(other.author, corrects=missing)

    async def test_an_anonymous_experience_is_the_authors_alone_to_correct(
        self, database: Database, house: House
    ) -> None:
        document = await publish_it(database, (await send(database, house.author, ANONYMOUS)).id)
        async with unit_of_work(database) as unit:
            service = ContributionService(unit)
            colleague = await add_house(unit.session, "Kollege")
            from_house = type(house.author)(colleague.member.id, house.id)
            assert (await service.start(from_house, corrects=document.id)).is_suggestion
            assert not (await service.start(house.author, corrects=document.id)).is_suggestion


@only_sqlite
class TestWithdrawing:
    async def withdraw(self, database: Database, house: House, key: UUID) -> Any:
        async with unit_of_work(database) as unit:
            return await ContributionService(unit).withdraw(key, house.author)

    async def test_what_is_published_is_gone_with_its_words(self, database: Database, house: House) -> None:
        sent = await send(database, house.author, situation="Das OZG (Onlinezugangsgesetz) kam.")
        document = await publish_it(database, sent.id)
        withdrawn = await self.withdraw(database, house, sent.id)

        assert withdrawn.state is ContributionState.WITHDRAWN
        assert withdrawn.fields == {"title": FIELDS["title"]}
        gone = await document_of(database, document.id)
        assert gone.status is Status.WITHDRAWN
        (line,) = await export(database)
        for word in ("Chatbot", "Dienst", "Kranichhorst", "klingelte", "5.900"):
            assert word not in line
        async with unit_of_work(database, writes=False) as unit:
            assert (await unit.session.scalars(select(Passage))).all() == []

    async def test_nobody_can_bring_it_back(self, database: Database, house: House) -> None:
        sent = await send(database, house.author)
        document = await publish_it(database, sent.id)
        (before,) = await export(database)
        await self.withdraw(database, house, sent.id)

        async with unit_of_work(database) as unit:
            with pytest.raises(WithdrawnForGood):
                await LibraryService(unit).restore(await unit.session.get_one(Document, document.id))
            old = await TransferService(unit).take_in(read_line(before.encode()))
        assert old.result is TransferResult.KEPT

    async def test_a_house_document_goes_too(self, database: Database, house: House) -> None:
        sent = await send(database, house.author, Wishes(Visibility.HOUSE))
        document = await publish_it(database, sent.id)
        await self.withdraw(database, house, sent.id)

        assert (await document_of(database, document.id)).status is Status.WITHDRAWN

    async def test_one_that_was_merged_into_another_goes_too(self, database: Database, house: House) -> None:
        sent = await send(database, house.author)
        document = await publish_it(database, sent.id)
        stays = await publish_it(database, (await send(database, house.author, title="Bleibt")).id)
        async with unit_of_work(database) as unit:
            goes, kept = [await unit.session.get_one(Document, key) for key in (document.id, stays.id)]
            await merge_documents(unit, goes, kept, by=None)
        await self.withdraw(database, house, sent.id)

        assert await texts(database, document.id) == [[]]
        assert (await document_of(database, stays.id)).status is Status.PUBLISHED

    async def test_what_is_not_decided_is_deleted(self, database: Database, house: House) -> None:
        sent = await send(database, house.author)

        assert await self.withdraw(database, house, sent.id) is None
        async with unit_of_work(database, writes=False) as unit:
            assert await ContributionService(unit).of_author(house.member.id) == []

    async def test_what_went_into_anothers_document_is_reported_there(self, database: Database, house: House) -> None:
        async with unit_of_work(database) as unit:
            other = await add_house(unit.session, "Anderswo")
        theirs = await publish_it(database, (await send(database, other.author)).id)
        async with unit_of_work(database) as unit:
            service = ContributionService(unit)
            draft = await service.start(house.author, corrects=theirs.id, fields={"suggestion": "Stimmt nicht."})
            await service.submit(draft.id, house.author)
        await publish_it(database, draft.id)
        await self.withdraw(database, house, draft.id)

        assert (await document_of(database, theirs.id)).status is Status.PUBLISHED
        async with unit_of_work(database, writes=False) as unit:
            assert [row.document_id for row in await unit.session.scalars(select(Report))] == [theirs.id]
            assert await unit.session.scalar(select(DocumentVersion.number)) == 1
