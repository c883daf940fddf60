"""A homeserver, the bot's account on it, and somebody to talk to."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.bot.matrix.people import Account, Bot, Person, account_on, person_on
from tests.synapse import Synapse


# Most tests need no bot and no person of their own, only a room; these are there for the whole run, and their tests
# run in the loop of the session.
@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def lasting_bot(synapse: Synapse, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Bot]:
    async with account_on(synapse, tmp_path_factory.mktemp("bot")).running() as running:
        yield running


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def shared_anna(synapse: Synapse) -> AsyncIterator[Person]:
    """Somebody with an ordinary client, who stays."""
    async with person_on(synapse) as person:
        yield person


@pytest.fixture
def shared_bot(lasting_bot: Bot) -> Bot:
    """A bot that runs already; what others said to it is forgotten."""
    lasting_bot.core.incomings.clear()
    lasting_bot.adapter.overhears = lambda _room: False
    return lasting_bot


@pytest.fixture
def account(synapse: Synapse, tmp_path: Path) -> Account:
    """An account of the bot that nobody has used yet."""
    return account_on(synapse, tmp_path)


@pytest_asyncio.fixture
async def bot(account: Account) -> AsyncIterator[Bot]:
    """The bot, running."""
    async with account.running() as running:
        yield running


@pytest_asyncio.fixture
async def anna(synapse: Synapse) -> AsyncIterator[Person]:
    """Somebody with an ordinary client."""
    async with person_on(synapse) as person:
        yield person
