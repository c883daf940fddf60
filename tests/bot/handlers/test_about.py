"""Tests of ``/hilfe``, ``/ueber`` and ``/quellen``: only what works and may be seen here."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
import pytest_asyncio

from bot.handlers.registry import build_registry
from bot.handlers.sources import LONGEST_KEY, PAGE, read_place
from knowledge.kit.clock import use_clock
from knowledge.kit.database import Database
from knowledge.models.document import Kind, Visibility
from tests.bot.handlers.privacy_stage import PrivacyStage, described, library_of
from tests.bot.handlers.stage import ANNA, GROUP, TELEGRAM_ANNA, TELEGRAM_GROUP
from tests.knowledge.privacy.people import MOMENT

only_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

LIBRARY = [
    described("Straßen erfassen", "Straßen", kind=Kind.EXPERIENCE, url="https://example.org/strassen"),
    described("Nur fürs Netzwerk", "Wärme", visibility=Visibility.NETWORK),
    *(described(f"Leitfaden {number}", "Kita") for number in range(PAGE + 2)),
]


@pytest.fixture
def stage(database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> PrivacyStage:
    use_clock(lambda: MOMENT)
    monkeypatch.setattr("tests.bot.handlers.stage.REGISTRY", build_registry())
    return PrivacyStage(database)


@pytest_asyncio.fixture
async def library(stage: PrivacyStage, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[PrivacyStage]:
    """A stage before a small library."""
    monkeypatch.setenv("ALLMENDE_EMBEDDING_MODEL", "none")
    async with library_of(stage.database, LIBRARY) as answers:
        yield replace(stage, answers=answers)


def commands_in(text: str) -> set[str]:
    return {line.split()[1] for line in text.splitlines() if line.startswith("· ")}


@only_sqlite
class TestHelp:
    async def test_a_direct_chat_needs_no_command_to_ask(self, stage: PrivacyStage) -> None:
        (heard,) = await stage.write(ANNA, "/help")
        assert "Just write your question here" in heard.text
        assert {"!sources", "!about", "!mydata", "!delete"} <= commands_in(heard.text)

    async def test_a_group_is_told_how_to_speak_to_the_bot(self, stage: PrivacyStage) -> None:
        (heard,) = await stage.write(ANNA, "/help", GROUP)
        assert "Write !ask …, mention me, or reply" in heard.text

    async def test_telegram_keeps_the_slash(self, stage: PrivacyStage) -> None:
        (heard,) = await stage.write(TELEGRAM_ANNA, "/help", TELEGRAM_GROUP)
        assert "Write /ask …, mention me" in heard.text
        assert not [name for name in commands_in(heard.text) if name.startswith("!")]

    async def test_everything_named_works_here_for_this_person(self, stage: PrivacyStage) -> None:
        for place in (None, GROUP):
            (heard,) = await stage.write(ANNA, "/help", place)
            named = commands_in(heard.text)
            assert named
            known = build_registry()
            for name in named:
                command = known.command(name.lstrip("!"))
                assert command is not None, name
                assert (await stage.chat(place or GROUP)).kind in command.where or place is None

    async def test_what_is_not_for_this_person_is_not_named(self, stage: PrivacyStage) -> None:
        (direct,), (group,) = await stage.write(ANNA, "/help"), await stage.write(ANNA, "/help", GROUP)
        assert "!join" in commands_in(direct.text)
        assert "!unlink" not in commands_in(direct.text)
        assert "!profile" not in commands_in(group.text)

    async def test_it_fits_on_a_phone(self, stage: PrivacyStage) -> None:
        (heard,) = await stage.write(ANNA, "/help")
        assert len(heard.text) < 1500


@only_sqlite
class TestAbout:
    async def test_says_what_it_is_keeps_and_may_not(self, library: PrivacyStage) -> None:
        stage = library.with_settings("chats", operator="Amt Musterland", operator_contact="post@ort.example")
        (heard,) = await stage.write(ANNA, "/about")
        for expected in (
            "a machine",
            "8 documents: 7 texts of literature, 1 experience.",
            "21 November 2026",
            "all-MiniLM-L6-v2",
            "no legal advice",
            "The words of a question: 365 days",
            "come back to it: 14 days",
            "“Tell me later”: 90 days",
            "!mydata shows everything",
            "You may object",
            "Amt Musterland, post@ort.example",
            "EUPL-1.2",
        ):
            assert expected in heard.text
        assert "foreign house" not in heard.text

    async def test_periods_are_those_that_are_set(self, stage: PrivacyStage) -> None:
        (heard,) = await stage.with_settings("chats", chat_question_days=1).write(ANNA, "/about")
        assert "The words of a question: 1 day," in heard.text

    async def test_telegram_is_called_a_foreign_house(self, stage: PrivacyStage) -> None:
        (heard,) = await stage.write(TELEGRAM_ANNA, "/about")
        assert "Here I show only what is public." in heard.text
        assert "Please write nothing confidential" in heard.text

    async def test_says_so_where_an_administrator_decided_otherwise(self, stage: PrivacyStage) -> None:
        open_stage = stage.with_settings("telegram", telegram_visibility="network")
        (heard,) = await open_stage.write(TELEGRAM_ANNA, "/about")
        assert "Here I show only what is public." not in heard.text
        assert "Please write nothing confidential" in heard.text

    async def test_whoever_has_not_said_who_they_are_is_not_invented(self, stage: PrivacyStage) -> None:
        (heard,) = await stage.write(ANNA, "/about")
        assert "has not said so yet" in heard.text


@only_sqlite
class TestSources:
    async def test_counts_only_what_may_be_found_here(self, library: PrivacyStage) -> None:
        (heard,) = await library.write(ANNA, "/sources", GROUP)
        assert "8 documents" in heard.text
        assert "Most frequent topics: Kita (7), Straßen (1)" in heard.text
        assert "Musterverband (8)" in heard.text
        assert "Netzwerk" not in heard.text
        assert "Wärme" not in heard.text
        assert "what this group may find" in heard.text

    async def test_an_empty_library_says_so(self, stage: PrivacyStage) -> None:
        (heard,) = await stage.write(ANNA, "/sources")
        assert "nothing in the library yet" in heard.text

    async def test_a_topic_is_listed_page_by_page(self, library: PrivacyStage) -> None:
        (first,) = await library.write(ANNA, "/sources kita")
        assert first.labels == ("Further ones",)
        titles = [line for line in first.text.splitlines() if "Leitfaden" in line]
        (second,) = await library.choose(ANNA, first.choices[0], first)
        titles += [line for line in second.text.splitlines() if "Leitfaden" in line]
        assert len(set(titles)) == PAGE + 2
        assert second.choices == ()

    async def test_words_of_the_text_find_it_too(self, library: PrivacyStage) -> None:
        (heard,) = await library.write(ANNA, "/sources Straßen erfassen")
        assert heard.text.splitlines()[2].startswith("· Straßen erfassen, Musterverband 2025")

    async def test_what_may_not_be_found_is_not_listed_by_any_words(self, library: PrivacyStage) -> None:
        for words in ("Wärme", "Nur fürs Netzwerk"):
            (heard,) = await library.write(ANNA, f"/sources {words}")
            assert "· Nur fürs Netzwerk" not in heard.text

    async def test_nonsense_is_answered_decently(self, library: PrivacyStage) -> None:
        (heard,) = await library.write(ANNA, "/sources xyzzyqwv")
        assert "nothing on “xyzzyqwv”" in heard.text

    async def test_what_is_about_something_else_is_not_listed(self, library: PrivacyStage) -> None:
        (heard,) = await library.write(ANNA, "/sources Kartoffelsuppe im Jahr")
        assert "nothing on “Kartoffelsuppe im Jahr”" in heard.text

    async def test_a_long_topic_has_no_further_pages_but_no_broken_key(self, library: PrivacyStage) -> None:
        topic = "Kita und alles was mit Kindertagesstätten zu tun hat"
        (heard,) = await library.write(ANNA, f"/sources {topic}")
        keys: Sequence[str] = heard.choices
        assert all(len(key) <= LONGEST_KEY for key in keys)


class TestPlaces:
    @pytest.mark.parametrize("choice", ["", "5", "5:", ":S2l0YQ", "-5:S2l0YQ", "x:S2l0YQ", "5:%%%", "5:/w", "²:S2l0YQ"])
    def test_forged_ones_lead_nowhere(self, choice: str) -> None:
        assert read_place(choice) is None
