"""The statements behind the library's pages, on both databases."""

import hashlib
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

from knowledge.access.rights import Scope
from knowledge.access.visibility import anybody
from knowledge.kit.clock import now, today
from knowledge.kit.database import Database
from knowledge.kit.ids import new_id
from knowledge.kit.unit_of_work import UnitOfWork, unit_of_work
from knowledge.library.browsing.schemas import Caretaker, Concern, Sorting, Wanted
from knowledge.library.browsing.service import Browsing, newest_documents
from knowledge.library.editing import DocumentChanged, DocumentEditor, revision_of
from knowledge.library.files.blocks import Block, ParsedFile
from knowledge.library.merging import merge_documents, where_it_went
from knowledge.library.reading import Place, Reading
from knowledge.library.schemas import Description
from knowledge.library.service import IncomingFile, LibraryService
from knowledge.models.answer import Answer, AnswerDocument
from knowledge.models.conversation import Vote
from knowledge.models.document import Kind, Visibility

EVERYTHING = Caretaker(None)
LONG = "Die Gemeinde hat eine Drohne gekauft und alle Dächer im Ort vermessen, was dem Bauhof gut gelungen ist."
# Topics that contain each other, signs with a meaning in patterns and in JSON, and other letters.
TOPICS = {"A": ("Straßen", '50 % "Rabatt"'), "B": ("straßen und Wege", "50"), "C": ('Rabatt"', "_"), "D": ()}


async def fill(database: Database) -> dict[str, UUID]:
    """Take in A to D: A and B with nearly the same text, C due and expired; A found three times in vain."""
    day = today()
    said = {
        "A": Description(title="A", topics=TOPICS["A"], visibility=Visibility.PUBLIC, year=2020),
        "B": Description(title="B", topics=TOPICS["B"], visibility=Visibility.NETWORK, year=2021),
        "C": Description(title="C", topics=TOPICS["C"], valid_until=day - timedelta(days=1), review_by=day),
        "D": Description(title="D", kind=Kind.EXPERIENCE, visibility=Visibility.PUBLIC),
    }
    texts = {"A": LONG, "B": f"{LONG} Und mehr.", "C": "Etwas anderes.", "D": "Noch etwas."}
    keys = {}
    for name, text in texts.items():
        async with unit_of_work(database) as unit:
            parsed = ParsedFile((Block("paragraph", text),), None, {}, "text/plain")
            digest = hashlib.sha256(text.encode()).hexdigest()
            outcome = await LibraryService(unit).take_in(IncomingFile(f"{name}.md", digest, 1, parsed), said[name])
            keys[name] = UUID(outcome.document)
    async with unit_of_work(database) as unit:
        for helpful in (False, False, True):
            await _answer(unit, keys["A"], helpful=helpful)
        await _answer(unit, keys["B"], helpful=False)
    return keys


async def _answer(unit: UnitOfWork, document: UUID, *, helpful: bool) -> UUID:
    answer = Answer(id=new_id(), answered=True, confidence=1.0, trace={}, created_at=now())
    unit.session.add(answer)
    await unit.session.flush()
    unit.session.add(AnswerDocument(answer_id=answer.id, document_id=document))
    unit.session.add(Vote(answer_id=answer.id, voter="x", helpful=helpful))
    await unit.session.flush()
    return answer.id


async def listed(database: Database, wanted: Wanted, caretaker: Caretaker = EVERYTHING) -> str:
    async with unit_of_work(database, writes=False) as unit:
        found = await Browsing(unit.session, caretaker).listing(wanted)
    assert found.count == len(found.documents)
    return "".join(sorted(line.title for line in found.documents))


class TestListing:
    async def test_filters_care_and_order(self, database: Database) -> None:
        await fill(database)
        expected = {
            Wanted(): "ABCD",
            Wanted(text="a.MD"): "A",
            Wanted(text="%"): "",
            Wanted(topic="Straßen"): "A",
            Wanted(topic='50 % "Rabatt"'): "A",
            Wanted(topic="50"): "B",
            Wanted(topic='Rabatt"'): "C",
            Wanted(topic="_"): "C",
            Wanted(kind=Kind.EXPERIENCE): "D",
            Wanted(visibility=Visibility.PUBLIC, sorting=Sorting.YEAR): "AD",
            Wanted(concern=Concern.DUE, sorting=Sorting.REVIEW): "C",
            Wanted(concern=Concern.EXPIRED): "C",
            Wanted(concern=Concern.NEVER_FOUND): "CD",
            Wanted(concern=Concern.NOT_HELPFUL): "A",
            Wanted(concern=Concern.DUPLICATES, sorting=Sorting.TITLE): "AB",
        }
        assert {wanted: await listed(database, wanted) for wanted in expected} == expected
        by_topic = Caretaker(None, Scope(topics=frozenset({"strassen"})))
        assert await listed(database, Wanted(), by_topic) == "A"
        assert await listed(database, Wanted(concern=Concern.DUPLICATES), by_topic) == ""
        assert await listed(database, Wanted(), Caretaker(frozenset({"public"}))) == "AD"
        async with unit_of_work(database, writes=False) as unit:
            assert [line.title for line in await newest_documents(unit.session, anybody(), limit=1)] == ["D"]


class TestActing:
    async def test_merged_documents_lead_on_and_count_together(self, database: Database) -> None:
        keys = await fill(database)
        async with unit_of_work(database) as unit:
            both = await _answer(unit, keys["A"], helpful=True)
            unit.session.add(AnswerDocument(answer_id=both, document_id=keys["B"]))
            await unit.session.flush()
            editor = DocumentEditor(unit, EVERYTHING, by=None)
            found = {name: await editor.find(key) for name, key in keys.items()}
            await merge_documents(unit, found["A"], found["B"], by=None)
            await merge_documents(unit, found["B"], found["D"], by=None)
        async with unit_of_work(database, writes=False) as unit:
            counted = (await unit.session.scalars(select(AnswerDocument.document_id))).all()
            gone = await DocumentEditor(unit, EVERYTHING, by=None).find(keys["A"], lock=False)
            went = await where_it_went(unit.session, gone)
            read = await Reading(unit.session, anybody()).read(keys["D"], Place())
        assert set(counted) == {keys["D"]}
        assert len(counted) == 5
        assert went is not None
        assert went.id == keys["D"]
        assert [other.title for other in read.earlier] == ["A"]

    async def test_a_form_from_before_a_change_changes_nothing(self, database: Database) -> None:
        keys = await fill(database)
        async with unit_of_work(database) as unit:
            editor = DocumentEditor(unit, EVERYTHING, by=None)
            revision = revision_of(await editor.find(keys["A"]))
            await editor.describe(keys["A"], Description(title="Neu"), revision=revision)
            with pytest.raises(DocumentChanged):
                await editor.describe(keys["A"], Description(title="Zu spät"), revision=revision)
        assert await listed(database, Wanted(text="Neu")) == "Neu"
