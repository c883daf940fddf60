"""Calendar files, read back by another program than the one that wrote them."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
import vobject

from knowledge.kit.clock import HOME
from knowledge.kit.language import choose_language
from knowledge.trainings.calendar import CalendarDate, CalendarEntry, event_calendar, feed, uid
from tests.knowledge.trainings.ground import LONG_AGO, berlin

HUB = "https://hub.example"
TRAINING, FIRST, SECOND = (UUID(int=number) for number in (1, 2, 3))
START = berlin("2026-12-10 14:00")


@pytest.fixture(autouse=True)
def english() -> None:
    """The texts are compared in English."""
    choose_language("en")


def entry(*starts: datetime, **values: Any) -> CalendarEntry:
    """Return a training with dates of two hours each."""
    dates = [
        CalendarDate(key, start, start + timedelta(hours=2), changed_at=LONG_AGO)
        for key, start in zip((FIRST, SECOND), starts or (START,), strict=False)
    ]
    known: dict[str, Any] = {
        "id": TRAINING,
        "title": "KI im Rathaus",
        "summary": "Was sie kann.",
        "publisher": "Kompetenzzentrum Kranichhorst",
        "place": "Stadthalle, Saal 2; Hof",
        "region": "Kranichhorst",
        "created_at": LONG_AGO,
        "dates": tuple(dates),
    }
    return CalendarEntry(**known | values)


def read(written: bytes) -> list[Any]:
    """Return the events that vobject finds, after it found the file to be valid."""
    assert all(len(line) <= 75 for line in written.split(b"\r\n"))
    assert b"\n" not in written.replace(b"\r\n", b"")
    calendar = vobject.readOne(written.decode("utf-8"))
    calendar.validate(raiseException=True)
    return list(getattr(calendar, "vevent_list", []))


def moment(value: datetime) -> datetime:
    """Return what vobject read, where the municipalities are."""
    return value.astimezone(HOME)


class TestEvent:
    def test_what_everybody_reads(self) -> None:
        [event] = read(event_calendar(entry(link="https://treffen.example/x"), registered=False, hub=HUB))
        assert event.uid.value == uid(FIRST)
        assert event.sequence.value == "0"
        assert event.summary.value == "KI im Rathaus"
        assert event.status.value == "CONFIRMED"
        assert moment(event.dtstart.value) == START
        assert moment(event.dtend.value) == START + timedelta(hours=2)
        assert event.url.value == f"{HUB}/schulungen/{TRAINING}"
        assert event.location.value == "Kranichhorst"
        assert "Publisher: Kompetenzzentrum Kranichhorst" in event.description.value

    def test_place_and_link_are_for_those_who_are_registered(self) -> None:
        training = entry(link="https://treffen.example/x")
        everybody = event_calendar(training, registered=False)
        assert b"Stadthalle" not in everybody
        assert b"treffen.example" not in everybody.replace(b"\r\n ", b"")
        [event] = read(event_calendar(training, registered=True))
        assert event.location.value == "Stadthalle, Saal 2; Hof"
        assert "https://treffen.example/x" in event.description.value

    def test_online(self) -> None:
        training = entry(online=True, place="", region="", link="https://treffen.example/x")
        [event] = read(event_calendar(training, registered=False))
        assert event.location.value == "online"
        [event] = read(event_calendar(training, registered=True))
        assert event.location.value == "https://treffen.example/x"

    def test_without_an_address_of_the_hub_there_is_no_link_into_it(self) -> None:
        [event] = read(event_calendar(entry(), registered=False))
        assert not hasattr(event, "url")

    def test_the_same_training_gives_the_same_file(self) -> None:
        assert event_calendar(entry(), registered=True) == event_calendar(entry(), registered=True)

    def test_what_changed_keeps_its_uid_and_has_a_higher_sequence(self) -> None:
        [before] = read(event_calendar(entry(), registered=False))
        date = CalendarDate(FIRST, START, START + timedelta(hours=3), sequence=4, changed_at=LONG_AGO + timedelta(1))
        [after] = read(event_calendar(entry(dates=(date,)), registered=False))
        assert after.uid.value == before.uid.value
        assert int(after.sequence.value) > int(before.sequence.value)
        assert after.dtstamp.value > before.dtstamp.value

    def test_who_registers_gets_a_newer_one(self) -> None:
        [before] = read(event_calendar(entry(), registered=False))
        [after] = read(event_calendar(entry(since=LONG_AGO + timedelta(days=3)), registered=True))
        assert after.dtstamp.value > before.dtstamp.value


class TestCancelled:
    def test_a_training(self) -> None:
        training = entry(START, START + timedelta(days=7), cancelled=True, cancel_reason="Die Leiterin ist krank.")
        events = read(event_calendar(training, registered=True))
        assert [event.status.value for event in events] == ["CANCELLED"] * 2
        assert all(event.summary.value == "Cancelled: KI im Rathaus" for event in events)
        assert "Die Leiterin ist krank." in events[0].description.value

    def test_a_date_that_was_taken_out(self) -> None:
        taken_out = CalendarDate(FIRST, START, START + timedelta(hours=2), sequence=1, cancelled=True)
        left = CalendarDate(SECOND, START + timedelta(days=7), START + timedelta(days=7, hours=2))
        events = read(event_calendar(entry(dates=(taken_out, left)), registered=False))
        assert [(event.uid.value, event.status.value) for event in events] == [
            (uid(FIRST), "CANCELLED"),
            (uid(SECOND), "CONFIRMED"),
        ]

    def test_who_waits_for_a_place_is_free_at_that_time(self) -> None:
        [event] = read(event_calendar(entry(tentative=True), registered=False))
        assert event.status.value == "TENTATIVE"
        assert event.transp.value == "TRANSPARENT"
        assert event.summary.value == "Waiting list: KI im Rathaus"


class TestClocks:
    @pytest.mark.parametrize(
        "day", ["2026-03-28", "2026-03-29", "2026-10-24", "2026-10-25", "2027-07-01", "2028-02-29"]
    )
    def test_a_series_keeps_its_time_across_the_change(self, day: str) -> None:
        start = berlin(f"{day} 10:00")
        written = event_calendar(entry(start), registered=False)
        [event] = read(written)
        assert f"DTSTART;TZID=Europe/Berlin:{day.replace('-', '')}T100000".encode() in written
        assert moment(event.dtstart.value) == start

    def test_through_the_night_in_which_the_clocks_change(self) -> None:
        start = berlin("2026-10-25 01:30")
        [event] = read(event_calendar(entry(start), registered=False))
        assert (event.dtend.value - event.dtstart.value) == timedelta(hours=2)
        assert moment(event.dtstart.value) == start

    @pytest.mark.parametrize("fold", [0, 1])
    def test_the_hour_that_comes_twice(self, fold: int) -> None:
        start = datetime(2026, 10, 25, 2, 15, tzinfo=HOME, fold=fold)
        [event] = read(event_calendar(entry(berlin("2026-10-25 00:15") + timedelta(hours=2 + fold)), registered=False))
        assert moment(event.dtstart.value).timestamp() == start.timestamp()


class TestZone:
    def test_its_rule_says_the_same_as_the_zone_itself(self) -> None:
        zone = vobject.readOne(event_calendar(entry(), registered=False).decode()).vtimezone.tzinfo
        noon = datetime(2026, 1, 1, 12)  # noqa: DTZ001 - what the clocks show
        days = [noon + timedelta(days=day) for day in range(365 * 6)]
        offsets = [day.replace(tzinfo=HOME).utcoffset() for day in days]
        assert [zone.utcoffset(day) for day in days] == offsets
        assert len(set(offsets)) == 2


HOSTILE = 'Titel\r\nATTENDEE:mailto:boese@example.org\nBEGIN:VALARM\x00\x1b[31m\u2028END:VEVENT\\n; , "x": y\ud800'


class TestText:
    def test_umlauts_and_long_lines(self) -> None:
        title = "Größe, Maß & Übermut: " + "Straßenbäume pflegen – " * 12
        [event] = read(event_calendar(entry(title=title, summary="Zeile eins\n\nZeile zwei"), registered=False))
        assert event.summary.value == title.strip()
        assert event.description.value.startswith("Zeile eins\n\nZeile zwei")

    def test_hostile_text_stays_text(self) -> None:
        named = ("title", "summary", "outcomes", "publisher", "place", "region", "link", "cancel_reason")
        training = entry(cancelled=True, **dict.fromkeys(named, HOSTILE))
        for registered in (True, False):
            written = event_calendar(training, registered=registered, hub=HUB)
            [event] = read(written)
            names = {child.name for child in event.getChildren()}
            assert "ATTENDEE" not in names
            assert "VALARM" not in names
            assert "ATTENDEE:mailto:boese@example.org" in event.summary.value
            assert not {0, 27} & set(written)
            assert '\\n; , "x": y' in event.summary.value


class TestFeed:
    def test_many_trainings_and_the_name(self) -> None:
        other_date = CalendarDate(UUID(int=8), START, START + timedelta(hours=1))
        written = feed([entry(), entry(title="Zweite", registered=True, dates=(other_date,))], name="Meine", hub=HUB)
        events = read(written)
        assert [event.summary.value for event in events] == ["KI im Rathaus", "Zweite"]
        assert [event.location.value for event in events] == ["Kranichhorst", "Stadthalle, Saal 2; Hof"]
        assert vobject.readOne(written.decode()).x_wr_calname.value == "Meine"

    def test_nothing_is_a_calendar_too(self) -> None:
        assert read(feed([], name="Meine")) == []
