"""Synonyms in the database: kept by moderators, learned from documents, used in both directions."""

from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge.kit.clock import now
from knowledge.models.document import Document, Kind, Rights, Status, Visibility
from knowledge.synonyms.schemas import Alternative, Outcome, SynonymReport
from knowledge.synonyms.service import SynonymNotFound, SynonymService
from knowledge.synonyms.terms import TermUnusable

OZG = ("OZG", "Onlinezugangsgesetz")


@pytest.fixture
def service(session: AsyncSession) -> SynonymService:
    return SynonymService(session)


async def add_document(session: AsyncSession, number: int) -> UUID:
    document = Document(
        id=UUID(int=number),
        source=f"{number}.md",
        kind=Kind.LITERATURE,
        title="Leitfaden",
        rights=Rights.FULL,
        visibility=Visibility.NETWORK,
        access="network",
        status=Status.PUBLISHED,
        added_by="tests",
        created_at=now(),
        updated_at=now(),
    )
    session.add(document)
    await session.flush()
    return document.id


async def groups(service: SynonymService) -> list[tuple[str, ...]]:
    return [entry.terms for entry in await service.list()]


async def others(service: SynonymService, term: str) -> list[str]:
    return [alternative.text for alternative in (await service.lookup([term])).get(term, ())]


class TestAdd:
    async def test_works_in_both_directions(self, service: SynonymService) -> None:
        added = await service.add("Kita", "Kindertagesstätte", "Kindergarten")

        assert (added.outcome, added.group.terms) == (Outcome.ADDED, ("Kita", "Kindertagesstätte", "Kindergarten"))
        assert await others(service, "KITA") == ["Kindertagesstätte", "Kindergarten"]
        assert await others(service, "kindergarten") == ["Kita", "Kindertagesstätte"]

    async def test_of_what_is_known_is_no_error(self, service: SynonymService) -> None:
        first = await service.add("Kita", "Kindergarten")

        again = await service.add("kindergarten", "KITA")

        assert (again.outcome, again.group) == (Outcome.KNOWN, first.group)
        assert await groups(service) == [("Kita", "Kindergarten")]

    async def test_lets_a_group_grow(self, service: SynonymService) -> None:
        await service.add("Kita", "Kindergarten")

        grown = await service.add("Kita", "Kindergarten", "Hort")

        assert grown.outcome is Outcome.EXTENDED
        assert await groups(service) == [("Kita", "Kindergarten", "Hort")]

    async def test_does_not_go_on_from_word_to_word(self, service: SynonymService) -> None:
        await service.add("Amt", "Behörde")
        await service.add("Amt", "Verwaltungsgemeinschaft")

        assert sorted(await others(service, "Amt")) == ["Behörde", "Verwaltungsgemeinschaft"]
        assert await others(service, "Behörde") == ["Amt"]

    async def test_refuses_one_word(self, service: SynonymService) -> None:
        with pytest.raises(TermUnusable):
            await service.add("Kita", "kita")


class TestRemove:
    async def test_of_a_word_leaves_the_others_together(self, service: SynonymService) -> None:
        await service.add("Kita", "Kindergarten", "Hort")

        assert await service.remove("HORT") == 1
        assert await groups(service) == [("Kita", "Kindergarten")]

    async def test_of_one_of_two_leaves_nothing(self, service: SynonymService) -> None:
        await service.add("Kita", "Kindergarten")

        await service.remove("Kita")

        assert await groups(service) == []
        assert await others(service, "Kindergarten") == []

    async def test_of_a_pair_touches_only_groups_with_both(self, service: SynonymService) -> None:
        await service.add("Amt", "Behörde", "Verwaltung")
        await service.add("Amt", "Samtgemeinde")

        assert await service.remove("Amt", "Behörde") == 1
        assert await groups(service) == [("Amt", "Samtgemeinde"), ("Amt", "Verwaltung")]

    async def test_of_what_is_not_there_says_so(self, service: SynonymService) -> None:
        await service.add("Kita", "Kindergarten")

        for words in (("Hort",), ("Kita", "Hort"), ("",), ("x" * 20_000,), ("\x00",), ("\udcff",)):
            with pytest.raises(SynonymNotFound):
                await service.remove(*words)


class TestImport:
    async def test_keeps_the_good_lines_and_reports_the_others(self, service: SynonymService, tmp_path: Path) -> None:
        await service.add("Hort", "Schulhort")
        path = tmp_path / "words.txt"
        path.write_text(
            "# unsere Wörter\nKita; Kindergarten\nallein\nHort; Schulhort; Betreuung\nkindergarten; kita\n;;\n",
            encoding="utf-8",
        )

        report = await service.import_file(path)

        assert (report.added, report.extended, report.known) == (1, 1, 1)
        assert [(problem.line, problem.text) for problem in report.problems] == [(3, "allein"), (6, ";;")]
        assert await groups(service) == [("Hort", "Schulhort", "Betreuung"), ("Kita", "Kindergarten")]

    async def test_again_changes_nothing(self, service: SynonymService, tmp_path: Path) -> None:
        path = tmp_path / "words.txt"
        path.write_text("Kita; Kindergarten\nAmt; Behörde\n", encoding="utf-8")
        await service.import_file(path)

        assert await service.import_file(path) == SynonymReport(0, 0, 2, ())

    async def test_takes_a_long_list(self, service: SynonymService, tmp_path: Path) -> None:
        path = tmp_path / "words.txt"
        path.write_text("".join(f"wort{n}; anders{n}\n" for n in range(3000)), encoding="utf-8")

        assert (await service.import_file(path)).added == 3000
        assert len(await service.lookup(f"wort{n}" for n in range(3000))) == 3000


class TestAbbreviations:
    async def test_are_used_in_both_directions(self, service: SynonymService, session: AsyncSession) -> None:
        document = await add_document(session, 1)
        await service.learn(document, [OZG])

        assert await service.lookup(["ozg", "Onlinezugangsgesetz", "Gesetz"]) == {
            "ozg": (Alternative("Onlinezugangsgesetz", frozenset({document})),),
            "Onlinezugangsgesetz": (Alternative("OZG", frozenset({document})),),
        }

    async def test_name_all_documents_that_explain_them(self, service: SynonymService, session: AsyncSession) -> None:
        documents = [await add_document(session, number) for number in (1, 2)]
        for document in documents:
            await service.learn(document, [OZG, OZG])

        assert (await service.lookup(["OZG"]))["OZG"][0].documents == frozenset(documents)

    async def test_are_replaced_when_a_document_changes(self, service: SynonymService, session: AsyncSession) -> None:
        document = await add_document(session, 1)
        await service.learn(document, [OZG])

        await service.learn(document, [("KI", "Künstliche Intelligenz")])

        assert await others(service, "OZG") == []
        assert await others(service, "künstliche intelligenz") == ["KI"]

    async def test_go_with_their_document(self, service: SynonymService, session: AsyncSession) -> None:
        document = await add_document(session, 1)
        await service.learn(document, [OZG])

        await session.execute(delete(Document).where(Document.id == document))

        assert await others(service, "OZG") == []

    async def test_without_sense_are_left_out(self, service: SynonymService, session: AsyncSession) -> None:
        document = await add_document(session, 1)

        await service.learn(document, [("", "x"), ("KI", "ki"), ("K" * 101, "x"), ("x", "y" * 301)])

        assert await service.expansions() == {}


class TestExpansions:
    async def test_hold_every_word_folded(self, service: SynonymService, session: AsyncSession) -> None:
        document = await add_document(session, 1)
        await service.add("Kita", "Kindertagesstätte")
        await service.learn(document, [("KITA", "Kindertagesstätte"), OZG])

        assert await service.expansions() == {
            # What moderators keep needs no document.
            "kita": (Alternative("Kindertagesstätte"),),
            "kindertagesstätte": (Alternative("Kita"),),
            "ozg": (Alternative("Onlinezugangsgesetz", frozenset({document})),),
            "onlinezugangsgesetz": (Alternative("OZG", frozenset({document})),),
        }
