"""Calendars at addresses: a member's own one, the public one, and the file of one training."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
import vobject
from sqlalchemy import select

from knowledge.access.visibility import anybody, network_member
from knowledge.kit.clock import use_clock
from knowledge.kit.database import Database
from knowledge.kit.ids import new_id
from knowledge.kit.language import choose_language
from knowledge.kit.unit_of_work import unit_of_work
from knowledge.models.member import Member
from knowledge.models.training import CalendarFeed, RegistrationState, Training, TrainingState
from knowledge.trainings.calendar import CalendarEntry, event_calendar, uid
from knowledge.trainings.feeds import FeedService, UnknownCalendar
from knowledge.trainings.schemas import DateDraft, Publisher, TrainingDraft
from knowledge.trainings.service import TrainingService
from tests.knowledge.contributions.world import add_house
from tests.knowledge.trainings.ground import add_date, add_training, berlin, dates_of, register

only_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
NOW = berlin("2026-11-23 08:00")
SOON = NOW + timedelta(days=10)
OFFERED, REGISTERED, WAITING = RegistrationState.OFFERED, RegistrationState.REGISTERED, RegistrationState.WAITING


async def open_feed(database: Database) -> tuple[UUID, str]:
    """Return a member and the token of their calendar."""
    async with unit_of_work(database) as unit:
        member = (await add_house(unit.session)).member.id
        return member, await FeedService(unit).open(member)


async def read(database: Database, token: str) -> list[CalendarEntry]:
    """Return what stands in a member's calendar."""
    async with unit_of_work(database, writes=False) as unit:
        return list(await FeedService(unit).of_token(token, NOW))


async def public(database: Database) -> list[CalendarEntry]:
    """Return what stands in the public calendar."""
    async with unit_of_work(database, writes=False) as unit:
        return list(await FeedService(unit).public(NOW))


class TestAddress:
    async def test_a_new_one_revokes_the_old_one(self, database: Database) -> None:
        member, first = await open_feed(database)
        assert await read(database, first) == []
        async with unit_of_work(database) as unit:
            second = await FeedService(unit).open(member)
            assert await FeedService(unit).opened_at(member) is not None
        with pytest.raises(UnknownCalendar):
            await read(database, first)
        assert await read(database, second) == []
        async with unit_of_work(database) as unit:
            assert await FeedService(unit).revoke(member)
            assert not await FeedService(unit).revoke(member)
            assert await FeedService(unit).opened_at(member) is None
        with pytest.raises(UnknownCalendar):
            await read(database, second)

    async def test_it_is_not_kept_and_cannot_be_guessed(self, database: Database) -> None:
        _member, token = await open_feed(database)
        async with database.session(writes=False) as session:
            kept = (await session.scalars(select(CalendarFeed.token_digest))).one()
        assert token not in kept
        for guess in ("", kept, token[:-1], f"{token}x", "x" * 10_000):
            with pytest.raises(UnknownCalendar):
                await read(database, guess)

    @pytest.mark.parametrize("gone", [{"active": False}, {"suspended_at": NOW}])
    async def test_not_of_those_who_left(self, database: Database, gone: dict[str, object]) -> None:
        member, token = await open_feed(database)
        async with unit_of_work(database) as unit:
            row = await unit.session.get_one(Member, member)
            for name, value in gone.items():
                setattr(row, name, value)
        with pytest.raises(UnknownCalendar):
            await read(database, token)


class TestOwn:
    async def test_what_one_has_a_place_in_with_the_place(self, database: Database) -> None:
        member, token = await open_feed(database)
        async with unit_of_work(database) as unit:
            mine = await add_training(unit.session, SOON, SOON + timedelta(days=7), title="Meine")
            await register(unit.session, mine, member)
            await add_training(unit.session, SOON, title="Fremde", access="public")
            waited = await add_training(unit.session, SOON, title="Gewartet")
            await register(unit.session, waited, member, state=WAITING)
            left = await add_training(unit.session, SOON, title="Abgemeldet")
            await register(unit.session, left, member, state=RegistrationState.CANCELLED)
        entries = await read(database, token)
        assert {entry.title: (entry.registered, entry.tentative, len(entry.dates)) for entry in entries} == {
            "Meine": (True, False, 2),
            "Gewartet": (False, True, 1),
        }

    async def test_cancellations_for_a_while(self, database: Database) -> None:
        member, token = await open_feed(database)
        async with unit_of_work(database) as unit:
            training = await add_training(unit.session, SOON, title="Reihe")
            old = NOW - timedelta(days=40)
            await add_date(unit.session, training, old, cancelled_at=NOW - timedelta(days=2), sequence=1)
            await add_date(unit.session, training, old + timedelta(hours=3))
            await register(unit.session, training, member)
            called_off = await add_training(
                unit.session, SOON, title="Fällt aus", state=TrainingState.CANCELLED, cancelled_at=NOW
            )
            await register(unit.session, called_off, member)
            over = await add_training(unit.session, old, title="Vorbei")
            await register(unit.session, over, member)
        entries = {entry.title: entry for entry in await read(database, token)}
        assert [(date.starts_at, date.cancelled) for date in entries["Reihe"].dates] == [(old, True), (SOON, False)]
        assert entries["Fällt aus"].cancelled
        assert "Vorbei" not in entries

    async def test_what_one_waits_for_and_may_not_find_any_more(self, database: Database) -> None:
        member, token = await open_feed(database)
        async with unit_of_work(database) as unit:
            for state in (WAITING, REGISTERED):
                training = await add_training(unit.session, SOON, title=state.value, access=f"house:{new_id().hex}")
                await register(unit.session, training, member, state=state)
        assert [entry.title for entry in await read(database, token)] == ["registered"]


@only_sqlite
class TestPublic:
    async def test_public_trainings_that_were_published(self, database: Database) -> None:
        async with unit_of_work(database) as unit:
            session = unit.session
            await add_training(session, SOON, title="Für alle", access="public")
            await add_training(session, SOON, title="Netzwerk")
            await add_training(session, SOON, title="Entwurf", access="public", state=TrainingState.DRAFT)
            await add_training(
                session,
                SOON,
                title="Nie veröffentlicht",
                access="public",
                state=TrainingState.CANCELLED,
                cancelled_at=NOW,
                published_at=None,
            )
            await add_training(session, NOW - timedelta(days=50), title="Vorbei", access="public")
        entries = await public(database)
        assert [(entry.title, entry.registered) for entry in entries] == [("Für alle", False)]


@only_sqlite
class TestOneTraining:
    async def test_who_may_have_its_file(self, database: Database) -> None:
        async with unit_of_work(database) as unit:
            house = await add_house(unit.session)
            training = await add_training(unit.session, SOON)
            draft = await add_training(unit.session, SOON, state=TrainingState.DRAFT, published_at=None)
            first = (await dates_of(unit.session, training))[0]
            first.cancelled_at = NOW
            await register(unit.session, training, house.member.id)
        async with unit_of_work(database, writes=False) as unit:
            service = FeedService(unit)
            seen = await service.training(training.id, network_member())
            own = await service.training(training.id, anybody(), house.member.id)
            for key, viewer in ((training.id, anybody()), (draft.id, network_member()), (new_id(), network_member())):
                with pytest.raises(UnknownCalendar):
                    await service.training(key, viewer)
        assert (seen.registered, own.registered) == (False, True)
        assert [date.cancelled for date in seen.dates] == [True]

    async def test_changes_raise_what_calendars_go_by(self, database: Database) -> None:
        async with unit_of_work(database) as unit:
            training = await add_training(unit.session, SOON)
            date = (await dates_of(unit.session, training))[0]
            date.sequence, date.changed_at = 3, NOW
        async with unit_of_work(database, writes=False) as unit:
            entry = await FeedService(unit).training(training.id, network_member())
            assert await unit.session.get(Training, training.id)
        assert [(date.sequence, date.changed_at) for date in entry.dates] == [(3, NOW)]


async def file_of(database: Database, training: UUID) -> dict[str, tuple[int, str, str]]:
    """Return sequence, status and title of each event in the file of a training, as another program reads it."""
    async with unit_of_work(database, writes=False) as unit:
        entry = await FeedService(unit).training(training, network_member())
    calendar = vobject.readOne(event_calendar(entry, registered=False).decode())
    return {
        event.uid.value: (int(event.sequence.value), event.status.value, event.summary.value)
        for event in calendar.vevent_list
    }


@only_sqlite
class TestLife:
    async def test_changed_taken_out_and_cancelled(self, database: Database) -> None:
        choose_language("en")
        use_clock(lambda: NOW)
        both = tuple(DateDraft(SOON + timedelta(days=days), SOON + timedelta(days=days, hours=2)) for days in (0, 7))
        draft = TrainingDraft(title="Erste Schritte", summary="Kurz.", place="Rathaus", region="Ort", dates=both)
        async with unit_of_work(database) as unit:
            house = await add_house(unit.session)
            by = Publisher(house.member.id, house.id)
            made = await TrainingService(unit).create(draft, by)
            published = await TrainingService(unit).publish(made.id, by)
        first = await file_of(database, made.id)
        assert sorted(first.values()) == [(0, "CONFIRMED", "Erste Schritte")] * 2

        kept = tuple(DateDraft(date.starts_at, date.ends_at, date.id) for date in published.dates)
        later = replace(kept[0], ends_at=kept[0].ends_at + timedelta(hours=1))
        async with unit_of_work(database) as unit:
            changed = replace(draft, dates=(later,))
            await TrainingService(unit).change(made.id, changed, by, published.revision)
        second = await file_of(database, made.id)
        assert second.keys() == first.keys()
        moved, gone = (second[uid(date.id)] for date in published.dates)
        assert (moved[1], gone[1]) == ("CONFIRMED", "CANCELLED")
        assert min(moved[0], gone[0]) > 0

        async with unit_of_work(database) as unit:
            await TrainingService(unit).cancel(made.id, by, "Zu wenige Anmeldungen.")
        third = await file_of(database, made.id)
        assert third.keys() == first.keys()
        assert {status for _sequence, status, _title in third.values()} == {"CANCELLED"}
        assert third[uid(published.dates[0].id)][0] > moved[0]
