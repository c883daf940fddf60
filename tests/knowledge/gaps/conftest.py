"""The world of gaps, over the database of a test."""

from collections.abc import AsyncIterator

import pytest_asyncio

from knowledge.kit.database import Database
from tests.knowledge.gaps.world import World, open_world


@pytest_asyncio.fixture
async def world(database: Database) -> AsyncIterator[World]:
    """A small library that people ask."""
    async with open_world(database) as world:
        yield world
