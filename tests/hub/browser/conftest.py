"""One hub for all tests in the browser, which run in the loop of the session."""

import os
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from knowledge.kit.settings import load_settings
from tests.hub.browser.serving import RunningHub, running_hub
from tests.hub.browser.stage import Stage
from tests.ports import free_port


@pytest.fixture(scope="session")
def stage() -> Stage:
    """Who and what is in the hub."""
    return Stage()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def hub(stage: Stage, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RunningHub]:
    """A hub that runs, with something on every page."""
    surrounding = {
        "ALLMENDE_ENV_FILE": os.devnull,
        "ALLMENDE_DATA_DIR": str(tmp_path_factory.mktemp("hub")),
        "ALLMENDE_EMBEDDING_MODEL": "none",
        # Known before it runs: directories send people back to it.
        "ALLMENDE_HUB_PORT": str(free_port()),
    }
    with pytest.MonkeyPatch.context() as patch:
        for name, value in surrounding.items():
            patch.setenv(name, value)
        settings = load_settings()
    stage.key_path = settings.hub_key_path
    async with running_hub(settings, stage.build) as running:
        yield running
