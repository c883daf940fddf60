"""„Hat eine Kommune wie unsere das schon gemacht?": who has, once a house, how near, and where they disagree."""

from collections.abc import AsyncIterator
from dataclasses import replace
from uuid import UUID

import pytest
import pytest_asyncio

from knowledge.access.visibility import anybody, network_member
from knowledge.kit.database import Database
from knowledge.kit.language import choose_language
from knowledge.kit.unit_of_work import unit_of_work
from knowledge.library.answers.followups import Before
from knowledge.library.answers.schemas import PreparedAnswer
from knowledge.library.answers.traces import find_trace, keep_answer
from knowledge.peers.alike import AlikeAsker, answer_alike
from tests.knowledge.peers.library import RIS, Shelf, shelf_of, told

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
ASKED = "Hat eine Kommune wie unsere schon ein Ratsinformationssystem eingeführt?"
GOES_ON = "Hat eine Kommune wie unsere das schon gemacht?"


@pytest_asyncio.fixture
async def shelf(database: Database, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Shelf]:
    monkeypatch.setenv("ALLMENDE_EMBEDDING_MODEL", "none")
    choose_language("en")
    async with shelf_of(database) as opened:
        yield opened


async def ask(
    shelf: Shelf, question: str = ASKED, before: Before | None = None, house: str | None = "Lindenau"
) -> PreparedAnswer:
    own = shelf.houses[house].id if house else None
    answer = await answer_alike(shelf.answers, shelf.database, question, AlikeAsker(network_member(own), own), before)
    assert answer is not None
    return answer


# Each tells it in words of its own.
TELLING = (
    "Alle Vorlagen liegen nun auf den Tabletts der Gemeindevertreter, und der Bote fährt nicht mehr durch die Dörfer.",
    "Zwei Schulungen am Abend haben gereicht; nur das Archiv der alten Niederschriften fehlt noch darin.",
    "Der Landesbetrieb betreibt den Server für uns, was im Jahr rund neunhundert Euro kostet.",
    "Nach einem halben Jahr druckt das Sitzungsbüro nur noch für einen einzigen Abgeordneten.",
)


def telling(number: int, **more: str) -> dict[str, str]:
    return told(RIS[0], f"{RIS[1]} {TELLING[number]}", f"Das Ergebnis, kurz gesagt: {TELLING[number - 1]}", **more)


async def ris(shelf: Shelf, *houses: str | None) -> list[UUID]:
    return [await shelf.publish(house, telling(number)) for number, house in enumerate(houses)]


def lead(answer: PreparedAnswer) -> str:
    return " ".join(answer.reply.lead)


class TestCounting:
    async def test_independent_organisations_nearest_first(self, shelf: Shelf) -> None:
        await ris(shelf, "Großstadt", "Birkenau", "Weitau")

        answer = await ask(shelf)

        assert answer.reply.answered
        assert lead(answer).startswith("Yes: 3 organisations have told of it, independently of each other. 2 of them")
        assert [(one.organisation, one.facts[0]) for one in answer.reply.citations] == [
            ("Birkenau", "similar size, same district"),
            ("Weitau", "similar size, same state"),
            ("Großstadt", "more than 500,000 inhabitants"),
        ]
        assert all("Ratsinformationssystem" in (one.quote or "") for one in answer.reply.citations)

    async def test_two_texts_of_one_house_count_once(self, shelf: Shelf) -> None:
        await ris(shelf, "Birkenau", "Birkenau")
        assert lead(await ask(shelf)).startswith("Yes: 1 organisation has told of it. It is of your size")

    async def test_an_association_and_its_municipalities_count_once(self, shelf: Shelf) -> None:
        await ris(shelf, "Amt Linde", "Linde")
        answer = await ask(shelf, house="Weitau")
        assert lead(answer).startswith("Yes: 1 organisation has told of it.")
        assert len(answer.reply.citations) == 1

    async def test_the_same_text_counts_once_wherever_it_comes_from(self, shelf: Shelf) -> None:
        for house in ("Birkenau", "Fernau"):
            await shelf.publish(house, told(*RIS, situation="Vorher gab es viel Papier und lange Wege im ganzen Haus."))
        assert lead(await ask(shelf)).startswith("Yes: 1 organisation has told of it.")

    async def test_ones_own_does_not_count_and_anonymous_ones_are_named_apart(self, shelf: Shelf) -> None:
        await ris(shelf, "Lindenau", None, "Fernau")
        said = lead(await ask(shelf))
        assert "1 organisation has told" in said
        assert "1 anonymous experience, which is not counted" in said

    async def test_without_an_organisation_nothing_is_compared(self, shelf: Shelf) -> None:
        await ris(shelf, "Birkenau")
        answer = await ask(shelf, house=None)
        assert "I do not know whom you work for" in lead(answer)
        assert answer.reply.citations[0].facts == ["2,000 to 5,000 inhabitants"]

    async def test_none_of_them_like_ours(self, shelf: Shelf) -> None:
        await ris(shelf, "Großstadt")
        assert "None of them is of your size" in lead(await ask(shelf))


class TestContradictions:
    async def test_are_said_with_numbers(self, shelf: Shelf) -> None:
        values = {"Birkenau": ("running", "yes"), "Weitau": ("running", "with_changes"), "Fernau": ("failed", "no")}
        for number, (house, (status, again)) in enumerate(values.items()):
            await shelf.publish(house, telling(number, status=status, again=again))

        said = lead(await ask(shelf))

        assert "They contradict each other: 2 would do it again, 1 would not." in said
        assert "With 2 it runs or was tried, with 1 it failed." in said

    async def test_nothing_is_said_where_they_agree(self, shelf: Shelf) -> None:
        for number, house in enumerate(("Birkenau", "Weitau")):
            await shelf.publish(house, telling(number, again="yes", status="running"))
        said = lead(await ask(shelf))
        assert "2 organisations" in said
        assert "contradict" not in said
        assert "failed" not in said


class TestGoingOn:
    async def test_from_the_question_before(self, shelf: Shelf) -> None:
        [document, _other] = await ris(shelf, "Birkenau", "Weitau")
        before = Before(("Was kostet ein Ratsinformationssystem im Jahr?",), frozenset({document}))

        answer = await ask(shelf, GOES_ON, before)

        assert answer.follows
        assert answer.question == GOES_ON
        assert answer.reply.answered
        assert {one.organisation for one in answer.reply.citations} >= {"Birkenau"}

    async def test_over_several_such_questions(self, shelf: Shelf) -> None:
        await ris(shelf, "Birkenau")
        before = Before(("Und in unserer Größe, hat das schon jemand gemacht?", GOES_ON, ASKED))
        assert (await ask(shelf, GOES_ON, before)).reply.answered

    async def test_from_nothing_it_asks_back(self, shelf: Shelf) -> None:
        await ris(shelf, "Birkenau")
        answer = await ask(shelf, GOES_ON)
        assert not answer.reply.answered
        assert "What shall they have done?" in lead(answer)


class TestNothing:
    async def test_abstains_and_points_to_colleagues_and_the_network(self, shelf: Shelf) -> None:
        await shelf.publish("Birkenau", told("Sitzbänke", "Wir haben Sitzbänke gebaut."))
        answer = await ask(shelf)
        assert not answer.reply.answered
        assert answer.reply.citations == []
        assert "No other organisation has told of that" in lead(answer)
        assert "colleagues" in lead(answer)

    async def test_what_may_not_be_found_does_not_count(self, shelf: Shelf) -> None:
        await ris(shelf, "Birkenau")
        answer = await answer_alike(shelf.answers, shelf.database, ASKED, AlikeAsker(anybody()))
        assert answer is not None
        assert not answer.reply.answered
        assert "Birkenau" not in repr(answer)

    async def test_other_questions_are_left_alone(self, shelf: Shelf) -> None:
        asker = AlikeAsker(network_member(None))
        for question in ("Was kostet ein Ratsinformationssystem?", "Welche Kommunen haben das schon?", ""):
            assert await answer_alike(shelf.answers, shelf.database, question, asker) is None


class TestTrace:
    async def test_says_what_was_counted_and_shown(self, shelf: Shelf) -> None:
        await ris(shelf, "Birkenau", "Großstadt")
        answer = await ask(shelf)
        async with unit_of_work(shelf.database) as unit:
            await keep_answer(unit.session, answer)
        async with unit_of_work(shelf.database, writes=False) as unit:
            trace = await find_trace(unit.session, str(answer.answer_id))

        assert trace["query"] == ASKED
        assert trace["alike"] == {"houses": 2, "like_ours": 1}
        cited = [one.document for one in answer.reply.citations]
        assert [one["document"] for one in trace["shown"]] == cited
        assert set(cited) <= {one["document"] for one in trace["passages"]}
        # The reasons name the asker's house to whoever knows the others: they stay out of the trace.
        assert "similar size" not in str(trace)
        assert replace(answer, trace={}).reply.text
