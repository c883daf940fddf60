"""Saying that an old document still holds is no news of it."""

import pytest

from knowledge.access.visibility import network_member
from knowledge.freshness.service import FreshnessService
from knowledge.kit.clock import now
from knowledge.kit.database import Database
from knowledge.kit.unit_of_work import unit_of_work
from knowledge.models import Document
from knowledge.watches.service import FreshViewer
from tests.knowledge.freshness.test_service import due


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
class TestStillCurrent:
    async def test_answers_no_question_that_came_after_the_document(self, database: Database) -> None:
        house, [document] = await due(database)
        released = now()
        async with unit_of_work(database) as unit:
            await FreshnessService(unit).still_current(document, house.member.id)
        viewer = FreshViewer(network_member(house.id).access, None, released)
        async with unit_of_work(database, writes=False) as unit:
            row = await unit.session.get_one(Document, document)
            assert network_member(house.id).may_find(row)
            assert not viewer.may_find(row)
