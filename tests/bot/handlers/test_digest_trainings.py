"""Trainings in digests: what is coming on the topics of whoever reads it, and what one can register for."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from knowledge.kit.unit_of_work import unit_of_work
from knowledge.models.training import TrainingState, TrainingTopic
from tests.bot.handlers.contributing_world import ANNA, FORUM, ROOM, TINA, Desk, direct
from tests.bot.handlers.digest_world import (
    AKTEN,
    FEUER,
    MONDAY,
    NEXT,
    SATURDAY,
    a_week,
    add_circle,
    add_topics,
    declare,
    digests_in,
    topic,
    until,
)
from tests.knowledge.trainings.ground import add_training

only_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
IN_TWO_WEEKS, LAST = MONDAY + timedelta(weeks=2), SATURDAY - timedelta(weeks=1)


async def offer(desk: Desk, title: str, *topics: str, **values: Any) -> UUID:
    """Publish a training on Saturday."""
    known = {"starts_at": IN_TWO_WEEKS, "published_at": SATURDAY}
    async with unit_of_work(desk.database) as unit:
        training = await add_training(unit.session, title=title, **known | values)
        for name in topics:
            unit.session.add(TrainingTopic(training_id=training.id, topic_id=await topic(desk, name)))
        return training.id


class TestCircle:
    async def test_what_is_coming_on_its_topics(self, desk: Desk) -> None:
        await add_topics(desk)
        await add_circle(desk, ROOM, ANNA, AKTEN)
        await offer(desk, "Akten ordnen", AKTEN, online=True)
        await offer(desk, "Schläuche rollen", FEUER)
        await offer(desk, "Akten am Montag davor", AKTEN, starts_at=MONDAY - timedelta(minutes=1))
        await offer(desk, "Noch ein Entwurf", AKTEN, state=TrainingState.DRAFT)
        await offer(desk, "Fällt aus", AKTEN, state=TrainingState.CANCELLED)
        await offer(desk, "Anmeldung vorbei", AKTEN, deadline=MONDAY - timedelta(minutes=1))
        await offer(desk, "Lang bekannt und weit weg", AKTEN, starts_at=MONDAY + timedelta(weeks=9), published_at=LAST)
        await a_week(desk)
        [said] = digests_in(desk, ROOM)
        assert "Coming trainings\n\n· 7 December 2026, 08:00: Akten ordnen (online)" in said
        for title in ("Schläuche", "davor", "Entwurf", "Fällt aus", "vorbei", "weit weg"):
            assert title not in said


@only_sqlite
class TestWhatIsTold:
    async def test_only_what_the_group_may_find(self, desk: Desk) -> None:
        await add_circle(desk, ROOM, ANNA)
        await add_circle(desk, FORUM, TINA)
        await offer(desk, "Fürs Netzwerk")
        await offer(desk, "Für alle", access="public")
        await a_week(desk)
        assert [("Fürs Netzwerk" in said, "Für alle" in said) for said in digests_in(desk, ROOM)] == [(True, True)]
        assert [("Fürs Netzwerk" in said, "Für alle" in said) for said in digests_in(desk, FORUM)] == [(False, True)]

    async def test_what_was_told_is_no_reason_for_another_digest(self, desk: Desk) -> None:
        await add_circle(desk, ROOM, ANNA)
        await offer(desk, "Akten ordnen")
        await until(desk, SATURDAY, MONDAY, NEXT)
        assert len(digests_in(desk, ROOM)) == 1
        await offer(desk, "Akten binden", published_at=NEXT + timedelta(days=1), starts_at=NEXT + timedelta(weeks=20))
        await until(desk, NEXT, NEXT + timedelta(days=6, hours=23), NEXT + timedelta(weeks=1))
        # On that very Monday the first one begins; nobody can register any more.
        assert "Akten binden" in digests_in(desk, ROOM)[1]
        assert "Akten ordnen" not in digests_in(desk, ROOM)[1]

    async def test_new_ones_go_first_and_all_are_in_order(self, desk: Desk) -> None:
        await add_circle(desk, ROOM, ANNA)
        for number in range(4):
            await offer(desk, f"Bekannt {number}", published_at=LAST, starts_at=MONDAY + timedelta(days=number + 1))
        await offer(desk, "Ganz neu")
        await a_week(desk)
        [said] = digests_in(desk, ROOM)
        assert "and 2 more" in said
        shown = [said.index(title) for title in ("Bekannt 0", "Bekannt 1", "Ganz neu")]
        assert shown == sorted(shown)
        assert "Bekannt 2" not in said

    async def test_members_hear_of_their_topics(self, desk: Desk) -> None:
        await add_topics(desk)
        member = await desk.make_member(ANNA, digest_day=0)
        await declare(desk, member, FEUER)
        await offer(desk, "Akten ordnen", AKTEN)
        await offer(desk, "Schläuche rollen", FEUER)
        await a_week(desk)
        [said] = digests_in(desk, direct(ANNA))
        assert "Schläuche rollen" in said
        assert "Akten ordnen" not in said
