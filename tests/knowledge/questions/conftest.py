"""The network that open questions are asked in."""

import pytest_asyncio

from knowledge.kit.database import Database
from tests.knowledge.questions.network import NetworkOfTowns, open_network


@pytest_asyncio.fixture
async def net(database: Database) -> NetworkOfTowns:
    """A network with Musterau and Kim, who asks."""
    return await open_network(database)
