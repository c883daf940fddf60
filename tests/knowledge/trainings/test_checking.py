"""What a training may be: bad input gets a clear word that names its field."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from knowledge.kit.ids import new_id
from knowledge.kit.language import choose_language
from knowledge.models.document import Visibility
from knowledge.trainings.checking import (
    FURTHEST,
    LONGEST,
    check_ready,
    checked_draft,
    checked_inquiry,
    checked_link,
    checked_reason,
    field_label,
)
from knowledge.trainings.errors import TrainingInvalid
from knowledge.trainings.schemas import DateDraft, QuestionDraft
from tests.knowledge.trainings.academy import DRAFT, MOMENT, STARTS

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture(autouse=True)
def english() -> None:
    choose_language("en")


def refused(**values: Any) -> TrainingInvalid:
    """Return why a draft is refused, as a draft or when it is published."""
    with pytest.raises(TrainingInvalid) as caught:
        check_ready(checked_draft(replace(DRAFT, **values)), MOMENT)
    return caught.value


class TestTexts:
    def test_what_is_entered_is_cleaned(self) -> None:
        kept = checked_draft(replace(DRAFT, title="  KI\n für\u202e alle ", summary="Eins\r\n\r\n\r\n\r\nZwei\x00 "))
        assert (kept.title, kept.summary) == ("KI für alle", "Eins\n\nZwei")

    def test_a_title_is_needed(self) -> None:
        assert refused(title=" \n ").field == "title"

    @pytest.mark.parametrize("name", sorted(LONGEST))
    def test_what_is_too_long_is_named(self, name: str) -> None:
        problem = refused(**{name: "x" * (LONGEST[name] + 1)})
        assert problem.field == name
        assert field_label(name) in problem.message

    @pytest.mark.parametrize(
        ("values", "field"),
        [
            ({"capacity": 0}, "capacity"),
            ({"capacity": -3}, "capacity"),
            ({"capacity": 10**9}, "capacity"),
            ({"offer_hours": 0}, "offer_hours"),
            ({"offer_hours": 10**6}, "offer_hours"),
            ({"language": "xx"}, "language"),
            ({"visibility": Visibility.CIRCLE}, "visibility"),
            ({"state_key": "99"}, "state_key"),
            ({"district_key": "1206x"}, "state_key"),
            ({"topics": tuple(new_id() for _ in range(6))}, "topics"),
            ({"questions": tuple(QuestionDraft(f"Frage {n}?") for n in range(11))}, "questions"),
            ({"questions": (QuestionDraft("x" * 301),)}, "questions"),
            ({"place": ""}, "place"),
        ],
    )
    def test_what_cannot_be_is_refused(self, values: dict[str, Any], field: str) -> None:
        assert refused(**values).field == field

    def test_a_district_brings_its_land(self) -> None:
        kept = checked_draft(replace(DRAFT, state_key="09", district_key="12061"))
        assert (kept.state_key, kept.district_key) == ("12", "12061")

    def test_empty_questions_are_left_out(self) -> None:
        kept = checked_draft(replace(DRAFT, questions=(QuestionDraft("  "), QuestionDraft(" Was noch? "))))
        assert [question.text for question in kept.questions] == ["Was noch?"]


class TestLinks:
    @pytest.mark.parametrize(
        "link", ["https://konferenz.example/raum?id=1#a", " http://haus.example:8443/x ", "", None]
    )
    def test_what_may_be_shown(self, link: str | None) -> None:
        assert checked_link(link) == ((link or "").strip() or None)

    @pytest.mark.parametrize(
        "link",
        [
            "javascript:alert(1)",
            "data:text/html,<script>",
            "file:///etc/passwd",
            "//konferenz.example",
            "konferenz.example",
            "https://",
            "https:///weg",
            "https://gut.example@boese.example/",
            "https://boese.example\\@gut.example/",
            'https://haus.example/"onclick="x',
            "https://haus.example/<b>",
            "https://haus.example/a b",
            "https://haus.example/\u202egpj.exe",
            "https://haus.example/\u200b",
            "https://haus.example/\njavascript:x",
            "https://[::1",
            "https://haus.example:99999/",
            "https://haus.example/" + "x" * 1000,
        ],
    )
    def test_hostile_ones_are_refused(self, link: str) -> None:
        with pytest.raises(TrainingInvalid, match="https://"):
            checked_link(link)


class TestDates:
    @pytest.mark.parametrize(
        ("dates", "words"),
        [
            ((), "at least one date"),
            ((DateDraft(STARTS, STARTS),), "ends before it begins"),
            ((DateDraft(STARTS, STARTS - HOUR),), "ends before it begins"),
            ((DateDraft(STARTS, STARTS + 8 * DAY),), "longer than a week"),
            ((DateDraft(MOMENT - DAY, MOMENT - DAY + HOUR),), "in the past"),
            ((DateDraft(MOMENT, MOMENT + HOUR),), "in the past"),
            ((DateDraft(MOMENT + FURTHEST + DAY, MOMENT + FURTHEST + DAY + HOUR),), "check the year"),
            ((DateDraft(STARTS, STARTS + 2 * HOUR), DateDraft(STARTS + HOUR, STARTS + 3 * HOUR)), "overlap"),
            ((DateDraft(STARTS, STARTS + HOUR), DateDraft(STARTS, STARTS + HOUR)), "overlap"),
            ((DateDraft(STARTS, STARTS + HOUR), DateDraft(STARTS + 367 * DAY, STARTS + 368 * DAY)), "one year"),
            (tuple(DateDraft(STARTS + n * DAY, STARTS + n * DAY + HOUR) for n in range(61)), "from 1 to 60"),
        ],
    )
    def test_what_cannot_be_is_refused(self, dates: tuple[DateDraft, ...], words: str) -> None:
        problem = refused(dates=dates)
        assert (problem.field, words in problem.message) == ("dates", True)

    def test_they_are_put_in_order(self) -> None:
        first, second = DateDraft(STARTS, STARTS + HOUR), DateDraft(STARTS + DAY, STARTS + DAY + HOUR)
        assert checked_draft(replace(DRAFT, dates=(second, first))).dates == (first, second)

    @pytest.mark.parametrize("deadline", [MOMENT - HOUR, MOMENT, STARTS + timedelta(seconds=1)])
    def test_a_deadline_in_the_past_or_after_the_beginning(self, deadline: Any) -> None:
        assert refused(deadline=deadline).field == "deadline"

    def test_a_draft_may_still_lack_what_is_needed_later(self) -> None:
        assert checked_draft(replace(DRAFT, dates=(), place="")).title == DRAFT.title


class TestWords:
    @pytest.mark.parametrize("check", [checked_reason, checked_inquiry])
    def test_something_must_be_said_and_not_too_much(self, check: Any) -> None:
        assert check(" Krank. ") == "Krank."
        for text in ("", " \n", "x" * 2001):
            with pytest.raises(TrainingInvalid):
                check(text)
