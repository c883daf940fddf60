"""Whoever added a file to a training hears that it could not be brought into the library, and nobody else."""

from uuid import UUID

import pytest
from sqlalchemy import update

from bot.core.messages import Person
from knowledge.kit.clock import now
from knowledge.kit.unit_of_work import unit_of_work
from knowledge.models.member import Member, Role
from knowledge.models.training import TrainingMaterial
from knowledge.notices.service import tell
from knowledge.trainings.materials import FAILED
from tests.bot.handlers.contributing_world import BEN, TINA, ZOE, Desk
from tests.bot.handlers.training_world import TITLE, publish, publisher

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
ERROR = "The file is damaged or incomplete."


async def fail(desk: Desk, person: Person) -> UUID:
    """Let a file of somebody's training turn out to be broken; returns the member."""
    by = await publisher(desk, person)
    entry = await publish(desk, by)
    async with unit_of_work(desk.database) as unit:
        row = TrainingMaterial(
            training_id=entry.id, title="Zettel", file_name="zettel.pdf", publish_at=now(), error="file.damaged"
        )
        unit.session.add(row)
        await unit.session.flush()
        await tell(unit.session, FAILED, member_id=by.member_id, data={"material": str(row.id)})
    return by.member_id


class TestFailed:
    async def test_its_publisher_is_told_why(self, desk: Desk) -> None:
        await fail(desk, ZOE)
        await desk.tell()
        said = desk.said(ZOE)[-1]
        assert f"“zettel.pdf” for “{TITLE}” could not be brought into the library." in said
        assert ERROR in said

    async def test_in_a_foreign_house_without_names(self, desk: Desk) -> None:
        await fail(desk, TINA)
        await desk.tell()
        [said] = [text for text in desk.said(TINA) if ERROR in text]
        assert "zettel.pdf" not in said
        assert TITLE not in said

    async def test_not_when_it_was_added_again_or_they_manage_nothing_any_more(self, desk: Desk) -> None:
        member = await fail(desk, ZOE)
        other = await fail(desk, BEN)
        async with unit_of_work(desk.database) as unit:
            await unit.session.execute(update(Member).where(Member.id == member).values(role=Role.MEMBER))
            mine = TrainingMaterial.training_id.in_([row.training_id for row in await desk.rows(TrainingMaterial)][1:])
            await unit.session.execute(update(TrainingMaterial).where(mine).values(error=None))
        await desk.tell()
        assert not any(ERROR in text for text in (*desk.said(ZOE), *desk.said(BEN)))
        assert other != member
