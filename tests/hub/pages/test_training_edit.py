"""Writing and changing trainings in the hub: dates row by row, wrong input, changes that people are told of."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

from httpx import AsyncClient, Response
from sqlalchemy import select

from hub.pages.training_form import filled_with
from knowledge.kit.clock import HOME, today
from knowledge.models.notice import Notice
from knowledge.models.training import TrainingState
from knowledge.trainings.schemas import QuestionDraft, TrainingEntry
from knowledge.trainings.service import TrainingService
from tests.hub.pages.network_world import topic
from tests.hub.pages.test_gaps import SALT, gap
from tests.hub.pages.training_world import TITLE, date, draft, drafted, managed, published, publisher, registered
from tests.hub.signed_in import Hub

MANAGE = "/schulungen/verwalten"
DAY = (today() + timedelta(days=20)).isoformat()

# What somebody may get wrong, and the field at which that is said.
WRONG: tuple[tuple[dict[str, str], str], ...] = (
    ({"title": " "}, "title"),
    ({"day-1": "2027-02-29"}, "day-1"),
    ({"to-1": ""}, "day-1"),
    ({"from-1": "25:00"}, "day-1"),
    ({"day-1": "2027-03-28", "from-1": "02:30"}, "day-1"),
    ({"day-1": "2027-10-31", "from-1": "02:30", "to-1": "05:00"}, "day-1"),
    ({"to-1": "08:00"}, "dates"),
    ({"capacity": "viele"}, "capacity"),
    ({"capacity": "0"}, "capacity"),
    ({"deadline_time": "12:00"}, "deadline_day"),
    ({"link": "javascript:alert(1)"}, "link"),
    ({"outcomes": "x" * 4000}, "outcomes"),
    ({"area": "99"}, "area"),
    ({"visibility": "circle"}, "visibility"),
    ({"do": "weekly", "times": "1000"}, "times"),
    ({"do": "weekly", "times": ""}, "times"),
    ({"do": "weekly", "times": "3", "day-1": "9999-12-31"}, "dates"),
)


def typed(**more: Any) -> dict[str, Any]:
    """Return what somebody typed into the form for a new training."""
    first = {"title": TITLE, "online": "0", "place": "Rathaus", "visibility": "network", "offer_hours": "24"}
    return {**first, "day-1": DAY, "from-1": "09:00", "to-1": "11:00", "do": "save", **more}


def again(entry: TrainingEntry, **more: Any) -> dict[str, Any]:
    """Return what the form of a training holds, with some of it changed."""
    return {**dict(filled_with(entry).hidden()), "revision": str(entry.revision), "do": "save", **more}


async def only(hub: Hub) -> TrainingEntry:
    """Return the one training that there is."""
    async with hub.writing() as unit:
        (entry,) = await TrainingService(unit).managed(publisher(hub))
    return entry


async def sent(hub: Hub, fields: dict[str, Any], address: str = f"{MANAGE}/neu") -> Response:
    """Send a form as the publisher."""
    async with hub.browser("publisher") as browser:
        return await browser.post(address, data=fields)


async def told(hub: Hub, kind: str) -> list[dict[str, Any]]:
    """Return what people are told of a kind."""
    async with hub.writing() as unit:
        return [row.data for row in await unit.session.scalars(select(Notice).where(Notice.kind == kind))]


class TestNew:
    async def test_a_draft_with_all_its_fields(self, hub: Hub) -> None:
        water = await topic(hub, "Trinkwasser")
        more = {"question-1": "Was bringen Sie mit?", "needed-1": "1", "question-2": "", "thema": str(water)}
        end = {"deadline_day": DAY, "deadline_time": "08:00", "capacity": "12", "level": "advanced", "area": "12"}
        made = await sent(hub, typed(**more, **end, waiting_list="1"))
        entry = await only(hub)
        assert made.headers["location"] == f"{MANAGE}/{entry.id}"
        assert (entry.state, entry.capacity, entry.level.value, entry.state_key) == (
            TrainingState.DRAFT,
            12,
            "advanced",
            "12",
        )
        assert [(one.text, one.required) for one in entry.questions] == [("Was bringen Sie mit?", True)]
        assert [one.id for one in entry.topics] == [water]
        starts = entry.dates[0].starts_at.astimezone(HOME)
        assert (starts.date().isoformat(), f"{starts:%H:%M}") == (DAY, "09:00")
        assert entry.deadline is not None
        assert f"{entry.deadline.astimezone(HOME):%H:%M}" == "08:00"

    async def test_what_is_wrong_stands_at_its_field(self, hub: Hub) -> None:
        async with hub.browser("publisher") as browser:
            for wrong, field in WRONG:
                answer = await browser.post(f"{MANAGE}/neu", data=typed(**wrong, summary="Das bleibt stehen."))
                found = [
                    part in answer.text for part in (f'id="{field}-error"', f'href="#{field}"', "Das bleibt stehen.")
                ]
                assert (answer.status_code, found) == (422, [True] * 3), (wrong, field)
        async with hub.writing() as unit:
            assert await TrainingService(unit).managed(publisher(hub)) == []

    async def test_the_hour_that_comes_twice_is_asked_about(self, hub: Hub) -> None:
        night = {"day-1": "2027-10-31", "from-1": "02:30", "to-1": "05:00"}
        asked = await sent(hub, typed(**night))
        assert 'name="fold-1"' in asked.text
        assert (await sent(hub, typed(**night, **{"fold-1": "1"}))).status_code == 303
        starts = (await only(hub)).dates[0].starts_at
        assert (starts.hour, starts.minute) == (1, 30)

    async def test_the_deadline_is_asked_about_in_the_same_way(self, hub: Hub) -> None:
        fields = typed(**{"day-1": "2027-11-08"}, deadline_day="2027-10-31", deadline_time="02:30")
        asked = await sent(hub, fields)
        assert asked.status_code == 422
        assert 'name="deadline_fold"' in asked.text
        assert (await sent(hub, {**fields, "deadline_fold": "0"})).status_code == 303
        deadline = (await only(hub)).deadline
        assert deadline is not None
        assert (deadline.hour, deadline.minute) == (0, 30)

    async def test_rows_come_and_go_without_losing_what_was_typed(self, hub: Hub) -> None:
        more = await sent(hub, typed(do="date", summary="Bleibt."))
        assert more.status_code == 200
        assert 'name="day-2"' in more.text
        less = await sent(hub, typed(**{"day-2": DAY, "from-2": "13:00", "to-2": "14:00", "do": "remove-date-1"}))
        assert 'name="day-1"' not in less.text
        assert 'value="13:00"' in less.text
        asks = await sent(hub, typed(do="question"))
        assert 'name="question-1"' in asks.text
        for text in (more.text, less.text, asks.text):
            assert f'value="{TITLE}"' in text
        assert "Bleibt." in more.text

    async def test_a_series_keeps_its_time_on_the_clock(self, hub: Hub) -> None:
        shown = await sent(hub, typed(**{"day-1": "2027-03-22", "do": "weekly", "times": "3"}))
        assert [day in shown.text for day in ("2027-03-29", "2027-04-05", "2027-04-12")] == [True, True, False]
        days = {f"day-{number}": day for number, day in enumerate(("2027-03-22", "2027-03-29"), 1)}
        await sent(hub, typed(**days, **{"from-2": "09:00", "to-2": "11:00"}))
        assert [one.starts_at.hour for one in (await only(hub)).dates] == [8, 7]

    async def test_a_gap_gives_title_and_topics(self, hub: Hub) -> None:
        water = await topic(hub, "Trinkwasser")
        key = await gap(hub, about="Trinkwasser")
        async with hub.browser("publisher") as browser:
            listed = (await browser.get(MANAGE)).text
            form = (await browser.get(f"{MANAGE}/neu?luecke={key}")).text
            nothing = await browser.get(f"{MANAGE}/neu?luecke={UUID(int=7)}")
        assert f"{MANAGE}/neu?luecke={key}" in listed
        assert any(f'value="{words}"' in form for words in SALT)
        assert f'value="{water}" checked' in form
        assert nothing.status_code == 404


class TestChanging:
    async def test_a_draft_is_changed_at_once(self, hub: Hub) -> None:
        entry = await drafted(hub)
        answer = await sent(hub, again(entry, title="Anders"), f"{MANAGE}/{entry.id}/bearbeiten")
        assert answer.headers["location"] == f"{MANAGE}/{entry.id}"
        after = await managed(hub, entry.id)
        assert (after.title, after.dates[0].id) == ("Anders", entry.dates[0].id)

    async def test_before_a_published_one_changes_it_is_shown_who_is_told(self, hub: Hub) -> None:
        entry = await published(hub)
        await registered(hub, entry.id)
        address = f"{MANAGE}/{entry.id}/bearbeiten"
        fields = again(entry, place="Neues Rathaus", summary="Kürzer.")
        check = await sent(hub, fields, address)
        assert check.status_code == 200
        assert "1 person will be told" in check.text
        assert "Neues Rathaus" in check.text
        assert (await managed(hub, entry.id)).place != "Neues Rathaus"
        assert await told(hub, "training.changed") == []
        back = await sent(hub, {**fields, "do": "back"}, address)
        assert "Neues Rathaus" in back.text
        done = await sent(hub, {**fields, "do": "confirm"}, address)
        assert done.status_code == 303
        assert (await managed(hub, entry.id)).place == "Neues Rathaus"
        (notice,) = await told(hub, "training.changed")
        assert notice["fields"] == ["place"]

    async def test_what_was_not_changed_stays_as_it_was(self, hub: Hub) -> None:
        water, starts = await topic(hub, "Trinkwasser"), date().starts_at
        more: dict[str, Any] = {
            "topics": (water,),
            "deadline": starts - timedelta(days=2),
            "questions": (QuestionDraft("Woher?", True),),
        }
        area: dict[str, Any] = {
            "district_key": "12065",
            "costs": "15 Euro",
            "accessibility": "Stufenlos.",
            "waiting_list": False,
        }
        entry = await published(hub, dates=(date(), date(21)), **more, **area)
        async with hub.writing() as unit:
            before = await TrainingService(unit).draft(entry.id, publisher(hub))
        answer = await sent(hub, again(entry, title="Anders", do="confirm"), f"{MANAGE}/{entry.id}/bearbeiten")
        assert answer.status_code == 303
        async with hub.writing() as unit:
            after = await TrainingService(unit).draft(entry.id, publisher(hub))
        assert after == replace(before, title="Anders")

    async def test_fewer_places_than_people_are_refused_before_anything_is_shown(self, hub: Hub) -> None:
        entry = await published(hub, capacity=2)
        for who in ("member", "neighbour"):
            await registered(hub, entry.id, who)
        answer = await sent(hub, again(entry, capacity="1"), f"{MANAGE}/{entry.id}/bearbeiten")
        assert answer.status_code == 422
        assert 'id="capacity-error"' in answer.text

    async def test_whoever_was_slower_sees_what_it_says_now(self, hub: Hub) -> None:
        entry = await drafted(hub)
        address = f"{MANAGE}/{entry.id}/bearbeiten"
        assert (await sent(hub, again(entry, title="Zuerst"), address)).status_code == 303
        slower = await sent(hub, again(entry, title="Danach"), address)
        assert slower.status_code == 409
        assert "Zuerst" in slower.text.partition("This is what it says now")[2]
        assert 'value="Danach"' in slower.text
        revision = slower.text.partition('name="revision" value="')[2].partition('"')[0]
        assert (await sent(hub, again(entry, title="Danach", revision=revision), address)).status_code == 303
        assert (await managed(hub, entry.id)).title == "Danach"

    async def test_nobody_changes_what_others_publish(self, hub: Hub) -> None:
        async with hub.writing() as unit:
            by = publisher(hub, "neighbour")
            foreign = await TrainingService(unit).create(draft(), by)
        async with hub.browser("publisher") as browser:
            statuses = await of_every_page(browser, foreign.id)
        assert statuses == {404}


async def of_every_page(browser: AsyncClient, key: UUID) -> set[int]:
    """Return how every page about a training answers."""
    parts = (
        "",
        "/bearbeiten",
        "/absagen",
        "/teilnehmende",
        "/teilnehmende/tabelle",
        "/fragen",
        "/material",
        "/ergebnisse",
    )
    acts = ("/veroeffentlichen", "/kopieren", "/verwerfen", "/absagen", "/bearbeiten", "/teilnehmende")
    seen = {(await browser.get(f"{MANAGE}/{key}{part}")).status_code for part in parts}
    return seen | {(await browser.post(f"{MANAGE}/{key}{act}", data=typed(grund="x"))).status_code for act in acts}
