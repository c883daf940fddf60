"""Nobody answered: the competence centre is reminded, then it stands among the gaps; the asker is told each time."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from knowledge.gaps.jobs import GAP_JOB
from knowledge.kit.clock import use_clock
from knowledge.kit.settings import load_settings
from knowledge.models.job import Job
from knowledge.models.member import Role
from knowledge.models.notice import Notice
from knowledge.models.question import OpenQuestion
from knowledge.questions.reminding import Reminded, look_after, remind
from knowledge.questions.schemas import Stage
from tests.knowledge.questions.network import NetworkOfTowns

SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
# A Thursday at noon; the Monday after is the first on which three working days are over nowhere.
THURSDAY = datetime(2026, 3, 5, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def thursday() -> None:
    """Let questions be released on a Thursday."""
    use_clock(lambda: THURSDAY)


async def told(net: NetworkOfTowns, kind: str) -> list[dict[str, Any]]:
    """Return what notices of a kind know."""
    return [row.data for row in await net.rows(Notice, Notice.kind == kind)]


class TestReminding:
    async def test_after_three_working_days_publishers_hear_of_all_at_once(self, net: NetworkOfTowns) -> None:
        publisher = await net.person("Pia", None, role=Role.PUBLISHER)
        await net.person("Adam", None, role=Role.ADMINISTRATOR)
        first, second = await net.release("Eins?"), await net.release("Zwei?")
        monday, tuesday = THURSDAY + timedelta(days=4), THURSDAY + timedelta(days=5)
        assert await remind(net.database, monday) == Reminded()
        assert await remind(net.database, tuesday) == Reminded(reminded=2)
        assert await remind(net.database, tuesday) == Reminded()
        assert await net.told("question.reminder") == [("question.reminder", publisher.id)]
        assert await told(net, "question.reminder") == [{"count": 2}]
        waiting = await told(net, "question.waiting")
        assert {(row["question"], row["stage"]) for row in waiting} == {
            (str(first.id), "reminded"),
            (str(second.id), "reminded"),
        }
        seen = await net.see(first)
        assert seen.status is not None
        assert seen.status.stage is Stage.REMINDED

    @SQLITE
    async def test_administrators_hear_of_it_where_nobody_publishes(self, net: NetworkOfTowns) -> None:
        administrator = await net.person("Adam", None, role=Role.ADMINISTRATOR)
        await net.release("Eins?")
        await remind(net.database, THURSDAY + timedelta(days=5))
        assert await net.told("question.reminder") == [("question.reminder", administrator.id)]

    @SQLITE
    async def test_one_reminder_a_day_is_enough(self, net: NetworkOfTowns) -> None:
        await net.person("Pia", None, role=Role.PUBLISHER)
        await net.release("Eins?")
        tuesday = THURSDAY + timedelta(days=5)
        use_clock(lambda: tuesday)
        assert (await remind(net.database, tuesday)).reminded == 1
        later = await net.release("Zwei?")
        await net.set(OpenQuestion, later.id, created_at=THURSDAY + timedelta(hours=1))
        assert (await remind(net.database, tuesday + timedelta(hours=2))).reminded == 0
        assert (await remind(net.database, tuesday + timedelta(days=1))).reminded == 1

    @SQLITE
    async def test_what_has_an_answer_is_not_waited_for(self, net: NetworkOfTowns) -> None:
        helper = await net.person("Hanna", await net.town("120640001002"))
        await net.person("Pia", None, role=Role.PUBLISHER)
        await net.answer(await net.release("Eins?"), helper)
        assert await remind(net.database, THURSDAY + timedelta(days=30)) == Reminded()


class TestOverdue:
    async def test_after_two_weeks_it_stands_among_the_gaps(self, net: NetworkOfTowns) -> None:
        released = await net.release("Eins?")
        in_two_weeks = THURSDAY + timedelta(days=14, minutes=1)
        assert await remind(net.database, in_two_weeks) == Reminded(reminded=1, overdue=1)
        assert await remind(net.database, in_two_weeks) == Reminded()
        assert [row["stage"] for row in await told(net, "question.waiting")] == ["reminded", "overdue"]
        assert GAP_JOB in [job.kind for job in await net.rows(Job)]
        seen = await net.see(released)
        assert seen.status is not None
        assert seen.status.stage is Stage.OVERDUE

    @SQLITE
    async def test_all_that_time_brings_is_done_in_one_look(self, net: NetworkOfTowns) -> None:
        released = await net.release("Eins?", "Klima")
        circle = await net.circle("Klima")
        await look_after(net.database, load_settings(), THURSDAY + timedelta(days=5))
        assert await net.told("question.posted") == [("question.posted", circle)]
        assert (await net.row(released)).reminded_at is not None
