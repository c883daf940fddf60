"""The academy, opened for each test that asks for it."""

import pytest_asyncio

from knowledge.kit.database import Database
from knowledge.kit.language import choose_language
from tests.knowledge.trainings.academy import Academy, open_academy


@pytest_asyncio.fixture
async def academy(database: Database) -> Academy:
    choose_language("en")
    return await open_academy(database)
