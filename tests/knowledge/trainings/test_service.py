"""Trainings of a publisher: draft, publish, change, cancel, copy; and who reads what."""

from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

import pytest

from knowledge.access.rights import NotAllowed
from knowledge.access.visibility import anybody, network_member
from knowledge.kit.clock import HOME
from knowledge.kit.ids import new_id
from knowledge.kit.revisions import Stale
from knowledge.kit.unit_of_work import unit_of_work
from knowledge.models.document import Visibility
from knowledge.models.member import Member, Role
from knowledge.models.training import ReminderKind as Kind
from knowledge.models.training import TrainingReminder, TrainingState
from knowledge.trainings.errors import (
    CapacityTooSmall,
    NoHouse,
    TrainingInvalid,
    TrainingMovedOn,
    UnknownTraining,
)
from knowledge.trainings.schemas import (
    DateDraft,
    Publisher,
    QuestionDraft,
    TrainingEntry,
    TrainingReader,
    TrainingWishes,
)
from tests.knowledge.trainings.academy import DRAFT, MOMENT, STARTS, Academy, add_person

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
STRANGER = TrainingReader(None, anybody())


async def read(academy: Academy, entry: TrainingEntry, reader: TrainingReader) -> TrainingEntry:
    async with academy.trainings() as trainings:
        return await trainings.get(entry.id, reader)


async def coming(
    academy: Academy, wishes: TrainingWishes | None = None, *, reader: TrainingReader | None = None
) -> list[str]:
    async with academy.trainings() as trainings:
        found = await trainings.coming(reader or academy.reader(academy.anna), wishes)
    return [entry.title for entry in found]


async def cancel(academy: Academy, entry: TrainingEntry, reason: str = "Die Trainerin ist krank.") -> TrainingEntry:
    async with academy.trainings() as trainings:
        return await trainings.cancel(entry.id, academy.by, reason)


def at(days: float, hours: float = 2) -> DateDraft:
    """Return a date some days after the usual one."""
    return DateDraft(STARTS + days * DAY, STARTS + days * DAY + hours * HOUR)


class TestDrafts:
    async def test_nobody_but_its_publishers_sees_one(self, academy: Academy) -> None:
        draft = await academy.draft(visibility=Visibility.PUBLIC)
        with pytest.raises(UnknownTraining):
            await read(academy, draft, academy.reader(academy.pia))
        assert await coming(academy) == []
        async with academy.trainings() as trainings:
            assert (await trainings.get_managed(draft.id, academy.by)).title == DRAFT.title
            assert [entry.id for entry in await trainings.managed(academy.by)] == [draft.id]

    async def test_it_belongs_to_the_house_and_to_whoever_made_it(self, academy: Academy) -> None:
        draft = await academy.draft()
        colleague, other = Publisher(academy.ben.id, academy.house.id), Publisher(academy.ben.id, academy.lindenau.id)
        async with academy.trainings() as trainings:
            assert (await trainings.get_managed(draft.id, colleague)).organisation_name == "Akademie für Kommunen"
            assert await trainings.managed(other) == []
            for deed in (trainings.publish, trainings.discard, trainings.copy, trainings.draft, trainings.get_managed):
                with pytest.raises(UnknownTraining):
                    await deed(draft.id, other)
            everything = Publisher(academy.ben.id, None, administrator=True)
            assert [entry.id for entry in await trainings.managed(everything)] == [draft.id]

    async def test_who_may_by_their_role(self, academy: Academy) -> None:
        async with unit_of_work(academy.database) as unit:
            chief = await add_person(unit, "Chefin", None, Role.ADMINISTRATOR)
        async with academy.trainings() as trainings:
            assert await trainings.publisher(academy.pia.id) == academy.by
            assert (await trainings.publisher(chief.id)).administrator
            for nobody in (academy.anna.id, new_id()):
                with pytest.raises(NotAllowed):
                    await trainings.publisher(nobody)

    async def test_for_one_house_only_it_needs_a_house(self, academy: Academy) -> None:
        async with academy.trainings() as trainings:
            with pytest.raises(NoHouse):
                await trainings.create(replace(DRAFT, visibility=Visibility.HOUSE), Publisher(academy.pia.id))

    async def test_a_draft_can_be_deleted_and_what_was_published_cannot(self, academy: Academy) -> None:
        draft, training = await academy.draft(), await academy.offer()
        async with academy.trainings() as trainings:
            await trainings.discard(draft.id, academy.by)
            assert [entry.id for entry in await trainings.managed(academy.by)] == [training.id]
        with pytest.raises(TrainingMovedOn):
            async with academy.trainings() as trainings:
                await trainings.discard(training.id, academy.by)


class TestPublishing:
    async def test_twice_is_once(self, academy: Academy) -> None:
        training = await academy.offer()
        async with academy.trainings() as trainings:
            again = await trainings.publish(training.id, academy.by)
        assert (again.state, again.revision, again.published_at) == (TrainingState.PUBLISHED, 2, MOMENT)

    async def test_what_is_missing_is_said(self, academy: Academy) -> None:
        draft = await academy.draft(dates=())
        async with academy.trainings() as trainings:
            with pytest.raises(TrainingInvalid, match="at least one date"):
                await trainings.publish(draft.id, academy.by)

    async def test_a_draft_whose_dates_are_past_meanwhile(self, academy: Academy) -> None:
        draft = await academy.draft()
        academy.set_clock(STARTS + HOUR)
        async with academy.trainings() as trainings:
            with pytest.raises(TrainingInvalid, match="in the past"):
                await trainings.publish(draft.id, academy.by)


class TestChanging:
    async def test_who_registered_is_told_which_fields_changed(self, academy: Academy) -> None:
        training = await academy.offer(capacity=1)
        await academy.register(training, academy.anna)
        await academy.register(training, academy.ben)
        await academy.change(training, place="Rathaus", costs="20 Euro", summary="Besser gesagt.")
        data = {"training": str(training.id), "fields": ["place", "costs"]}
        assert sorted(await academy.told("training.changed"), key=str) == sorted(
            [(academy.anna.id, data), (academy.ben.id, data)], key=str
        )

    async def test_what_is_no_news_to_them_is_not_told(self, academy: Academy) -> None:
        training = await academy.offer()
        await academy.register(training, academy.anna)
        await academy.change(training, summary="Besser gesagt.", capacity=30, visibility=Visibility.PUBLIC)
        assert await academy.told("training.changed") == []

    async def test_a_date_that_moves_raises_its_sequence(self, academy: Academy) -> None:
        training = await academy.offer(dates=(at(0), at(7)))
        await academy.register(training, academy.anna)
        first, second = training.dates
        changed = await academy.change(training, dates=(replace(at(1), id=first.id), replace(at(7), id=second.id)))
        assert [(entry.id, entry.sequence) for entry in changed.dates] == [(first.id, 1), (second.id, 0)]
        assert (changed.starts_at, changed.ends_at) == (at(1).starts_at, at(7).ends_at)
        assert [data["fields"] for _who, data in await academy.told("training.changed")] == [["dates"]]

    async def test_a_date_that_is_taken_out_stays_for_calendars(self, academy: Academy) -> None:
        training = await academy.offer(dates=(at(0), at(7)))
        changed = await academy.change(training, dates=(replace(at(0), id=training.dates[0].id), at(14)))
        assert [entry.starts_at for entry in changed.dates] == [at(0).starts_at, at(14).starts_at]
        (gone,) = changed.cancelled_dates
        assert (gone.id, gone.sequence, gone.cancelled_at) == (training.dates[1].id, 1, MOMENT)

    async def test_a_new_place_is_news_to_calendars(self, academy: Academy) -> None:
        training = await academy.offer()
        assert [entry.sequence for entry in (await academy.change(training, place="Rathaus")).dates] == [1]
        assert [entry.sequence for entry in (await academy.change(training, costs="5 Euro")).dates] == [1]

    async def test_a_draft_forgets_what_is_taken_out(self, academy: Academy) -> None:
        draft = await academy.draft(dates=(at(0), at(7)))
        changed = await academy.change(draft, dates=(at(1),))
        assert [(entry.starts_at, entry.sequence) for entry in changed.dates] == [(at(1).starts_at, 0)]
        assert changed.cancelled_dates == ()

    async def test_dates_without_their_ids_are_known_by_their_time(self, academy: Academy) -> None:
        training = await academy.offer(dates=(at(0), at(7)))
        changed = await academy.change(training, dates=(at(0), at(7)))
        assert changed.dates == training.dates

    async def test_people_are_reminded_anew_of_a_date_that_moved(self, academy: Academy) -> None:
        training = await academy.offer(dates=(at(0), at(7)))
        mine = await academy.register(training, academy.anna)
        async with unit_of_work(academy.database) as unit:
            unit.session.add_all(
                TrainingReminder(registration_id=mine.id, date_id=entry.id, kind=Kind.DAY) for entry in training.dates
            )
        first, second = training.dates
        await academy.change(training, dates=(replace(at(1), id=first.id), replace(at(7), id=second.id)))
        async with academy.database.session() as session:
            assert await session.get(TrainingReminder, (mine.id, first.id, Kind.DAY)) is None
            assert await session.get(TrainingReminder, (mine.id, second.id, Kind.DAY)) is not None

    async def test_what_has_begun_stays_as_it_was(self, academy: Academy) -> None:
        training = await academy.offer(dates=(at(0), at(7)))
        academy.set_clock(STARTS + HOUR)
        first, second = training.dates
        for dates in ((replace(at(7), id=second.id),), (replace(at(1), id=first.id), replace(at(7), id=second.id))):
            with pytest.raises(TrainingInvalid, match="already begun"):
                await academy.change(training, dates=dates)
        changed = await academy.change(training, dates=(replace(at(0), id=first.id), replace(at(8), id=second.id)))
        assert changed.ends_at == at(8).ends_at

    async def test_fewer_places_than_are_taken_are_refused(self, academy: Academy) -> None:
        training = await academy.offer(capacity=3)
        for member in (academy.anna, academy.ben):
            await academy.register(training, member)
        with pytest.raises(CapacityTooSmall, match="2 places are taken") as refused:
            await academy.change(training, capacity=1)
        assert refused.value.taken == 2
        assert (await academy.change(training, capacity=2)).is_full

    async def test_who_comes_second_sees_that_somebody_was_faster(self, academy: Academy) -> None:
        training = await academy.offer()
        await academy.change(training, costs="5 Euro")
        async with academy.trainings() as trainings:
            with pytest.raises(Stale):
                await trainings.change(training.id, replace(DRAFT, costs="7 Euro"), academy.by, training.revision)

    async def test_questions_keep_their_ids_and_go_when_they_are_taken_out(self, academy: Academy) -> None:
        training = await academy.offer(questions=(QuestionDraft("Was noch?"), QuestionDraft("Warum?")))
        _first, second = training.questions
        changed = await academy.change(training, questions=(QuestionDraft("Wozu?", required=True, id=second.id),))
        assert [(q.id, q.text, q.required) for q in changed.questions] == [(second.id, "Wozu?", True)]

    async def test_what_is_over_or_cancelled_does_not_change(self, academy: Academy) -> None:
        over, cancelled = await academy.offer(), await cancel(academy, await academy.offer())
        academy.set_clock(STARTS + DAY)
        for entry in (over, cancelled):
            with pytest.raises(TrainingMovedOn):
                await academy.change(entry, costs="1 Euro")


class TestCancelling:
    async def test_everybody_is_told_once(self, academy: Academy) -> None:
        training = await academy.offer(capacity=1)
        mine = await academy.register(training, academy.anna)
        for member in (academy.ben, academy.cem, academy.pia):
            await academy.register(training, member)
        await academy.do("cancel", mine, academy.anna)
        for _twice in range(2):
            entry = await cancel(academy, training)
        assert (entry.state, entry.cancel_reason) == (TrainingState.CANCELLED, "Die Trainerin ist krank.")
        assert await academy.whom("training.cancelled") == {academy.ben.id, academy.cem.id, academy.pia.id}
        assert [date.sequence for date in entry.dates] == [1]

    async def test_a_reason_is_needed(self, academy: Academy) -> None:
        with pytest.raises(TrainingInvalid, match="say why"):
            await cancel(academy, await academy.offer(), " ")

    async def test_what_just_started_can_be_cancelled_and_what_is_over_cannot(self, academy: Academy) -> None:
        training, late = await academy.offer(dates=(at(0), at(7))), await academy.offer()
        academy.set_clock(STARTS + 3 * HOUR)
        entry = await cancel(academy, training)
        assert [date.sequence for date in entry.dates] == [0, 1]
        with pytest.raises(TrainingMovedOn, match="is over"):
            await cancel(academy, late)

    async def test_it_stays_readable_and_is_not_coming(self, academy: Academy) -> None:
        training = await academy.offer()
        await cancel(academy, training)
        entry = await read(academy, training, academy.reader(academy.anna))
        assert (entry.cancel_reason, entry.is_open) == ("Die Trainerin ist krank.", False)
        assert await coming(academy) == []


class TestCopying:
    async def test_a_copy_is_a_draft_without_dates_and_people(self, academy: Academy) -> None:
        questions = (QuestionDraft("Was noch?", required=True),)
        training = await academy.offer(questions=questions, topics=(academy.topics["Klima"],))
        await academy.register(training, academy.anna, **{str(training.questions[0].id): "Nichts"})
        await cancel(academy, training)
        async with academy.trainings() as trainings:
            copy = await trainings.copy(training.id, academy.by)
        assert (copy.state, copy.dates, copy.taken, copy.title) == (TrainingState.DRAFT, (), 0, training.title)
        assert [(q.text, q.required) for q in copy.questions] == [("Was noch?", True)]
        assert copy.questions[0].id != training.questions[0].id
        assert [topic.name for topic in copy.topics] == ["Klima"]

    async def test_its_dates_move_with_the_first_one_and_keep_their_time(self, academy: Academy) -> None:
        training = await academy.offer(dates=(at(0), at(7)))
        async with academy.trainings() as trainings:
            copy = await trainings.copy(training.id, academy.by, first=date(2027, 6, 1))
        local = [entry.starts_at.astimezone(HOME) for entry in copy.dates]
        assert [(moment.date(), moment.hour) for moment in local] == [(date(2027, 6, 1), 10), (date(2027, 6, 8), 10)]


class TestReading:
    async def test_the_place_is_for_registered_people(self, academy: Academy) -> None:
        training = await academy.offer(visibility=Visibility.PUBLIC, link="https://konferenz.example/1")
        await academy.register(training, academy.anna)
        for reader in (STRANGER, academy.reader(academy.ben)):
            seen = await read(academy, training, reader)
            assert (seen.place, seen.link, seen.region) == ("", None, "Lindenau")
        mine = await read(academy, training, academy.reader(academy.anna))
        assert (mine.place, mine.link) == (DRAFT.place, "https://konferenz.example/1")

    async def test_who_may_find_it(self, academy: Academy) -> None:
        network, house = await academy.offer(), await academy.offer(visibility=Visibility.HOUSE)
        with pytest.raises(UnknownTraining):
            await read(academy, network, STRANGER)
        with pytest.raises(UnknownTraining):
            await read(academy, house, academy.reader(academy.anna))
        assert (await read(academy, house, academy.reader(academy.pia))).id == house.id

    async def test_who_is_registered_finds_what_was_narrowed_but_not_in_a_foreign_house(self, academy: Academy) -> None:
        training = await academy.offer(visibility=Visibility.PUBLIC)
        await academy.register(training, academy.anna)
        await academy.change(training, visibility=Visibility.HOUSE)
        assert (await read(academy, training, academy.reader(academy.anna))).place == DRAFT.place
        with pytest.raises(UnknownTraining):
            await read(academy, training, TrainingReader(academy.anna.id, anybody()))


class TestComing:
    async def test_in_order_page_by_page(self, academy: Academy) -> None:
        for number in (3, 1, 2, 0):
            await academy.offer(title=f"Nummer {number}", dates=(at(number),))
        await academy.offer(title="Zur selben Zeit", dates=(at(1),))
        found: list[TrainingEntry] = []
        async with academy.trainings() as trainings:
            while page := await trainings.coming(
                academy.reader(academy.anna), limit=2, after=found[-1].cursor if found else None
            ):
                found += page
        assert [entry.starts_at for entry in found] == [at(n).starts_at for n in (0, 1, 1, 2, 3)]
        assert len({entry.id for entry in found}) == 5

    async def test_what_is_over_is_gone_and_what_runs_is_there(self, academy: Academy) -> None:
        await academy.offer(title="Reihe", dates=(at(0), at(7)))
        await academy.offer(title="Einmal")
        academy.set_clock(STARTS + DAY)
        assert await coming(academy) == ["Reihe"]

    async def test_who_may_find_what(self, academy: Academy) -> None:
        for visibility in (Visibility.PUBLIC, Visibility.NETWORK, Visibility.HOUSE):
            await academy.offer(title=visibility.value, visibility=visibility)
        assert await coming(academy, reader=STRANGER) == ["public"]
        assert sorted(await coming(academy)) == ["network", "public"]
        assert sorted(await coming(academy, reader=academy.reader(academy.pia))) == ["house", "network", "public"]

    async def test_by_topic_with_those_below(self, academy: Academy) -> None:
        topics: dict[str, UUID] = dict(academy.topics)
        await academy.offer(title="E-Akte", topics=(topics["E-Akte"],))
        await academy.offer(title="Klima", topics=(topics["Klima"],))
        assert await coming(academy, TrainingWishes(topics=frozenset({topics["Digitalisierung"]}))) == ["E-Akte"]
        assert await coming(academy, TrainingWishes(topics=frozenset({new_id()}))) == []

    async def test_by_place_and_online(self, academy: Academy) -> None:
        await academy.offer(title="Lindenau", state_key="12", district_key="12061")
        await academy.offer(title="Anderswo", state_key="09")
        await academy.offer(title="Online", state_key=None, online=True)
        assert sorted(await coming(academy, TrainingWishes(state_key="12"))) == ["Lindenau", "Online"]
        assert sorted(await coming(academy, TrainingWishes(district_key="12061"))) == ["Lindenau", "Online"]
        assert await coming(academy, TrainingWishes(state_key="12", online=False)) == ["Lindenau"]
        assert await coming(academy, TrainingWishes(online=True)) == ["Online"]

    async def test_by_date(self, academy: Academy) -> None:
        for number in range(3):
            await academy.offer(title=str(number), dates=(at(number),))
        wishes = TrainingWishes(since=at(1).starts_at, until=at(2).starts_at)
        assert await coming(academy, wishes) == ["1"]

    async def test_a_reader_sees_their_own_registration(self, academy: Academy) -> None:
        training = await academy.offer()
        mine = await academy.register(training, academy.anna)
        async with academy.trainings() as trainings:
            (seen,) = await trainings.coming(TrainingReader(academy.anna.id, network_member()))
        assert (seen.registration, seen.free) == (mine, 1)


class TestManaging:
    async def test_whoever_runs_it_sees_how_many_there_are(self, academy: Academy) -> None:
        training = await academy.offer(capacity=1)
        for member in (academy.anna, academy.ben, academy.cem):
            await academy.register(training, member)
        async with academy.trainings() as trainings:
            (seen,) = await trainings.managed(academy.by)
        assert seen.sums is not None
        assert (seen.sums.registered, seen.sums.waiting, seen.taken, seen.is_full) == (1, 2, 1, True)

    async def test_page_by_page_the_last_made_first(self, academy: Academy) -> None:
        for number in range(5):
            academy.set_clock(MOMENT + number // 2 * HOUR)
            await academy.draft(title=str(number))
        found: list[TrainingEntry] = []
        async with academy.trainings() as trainings:
            while page := await trainings.managed(academy.by, limit=2, before=found[-1].id if found else None):
                found += page
        assert sorted(entry.title for entry in found) == ["0", "1", "2", "3", "4"]
        assert found[0].title == "4"

    async def test_its_maker_is_asked_first_then_the_house(self, academy: Academy) -> None:
        training = await academy.offer()
        async with unit_of_work(academy.database) as unit:
            colleague = await add_person(unit, "Kollege", academy.house, Role.PUBLISHER)
        async with academy.registrations() as registrations:
            await registrations.ask(training.id, academy.author(academy.anna), "Gibt es Kaffee?")
        assert await academy.whom("training.asked") == {academy.pia.id}
        async with unit_of_work(academy.database) as unit:
            (await unit.session.get_one(Member, academy.pia.id)).role = Role.MEMBER
        async with academy.registrations() as registrations:
            await registrations.ask(training.id, academy.author(academy.anna), "Und Tee?")
        assert await academy.whom("training.asked") == {academy.pia.id, colleague.id}
