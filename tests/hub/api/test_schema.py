"""Whatever is sent to the API, by anybody: no fault of the program's, and nothing that is not described.

``ALLMENDE_TEST_API_CASES`` draws more cases of each operation; ``python -m bench.api_schema`` many more.
"""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from anyio.from_thread import start_blocking_portal

from knowledge.kit.settings import load_settings
from tests.hub.api.sweep import CALLERS, NOBODY, Sweep, Swept, Target, hub_settings, sweep


@pytest.fixture
def swept(tmp_path: Path, sqlite_template: Path) -> Iterator[Swept]:
    """What came of sending everything."""
    folder = tmp_path / "data"
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(sqlite_template, folder / "allmende.db")
    cases = int(os.environ.get("ALLMENDE_TEST_API_CASES", "2"))
    with start_blocking_portal() as portal:
        target = portal.call(Target.open, hub_settings(load_settings(), folder))
        try:
            yield sweep(portal, target, Sweep(right=cases, wrong=max(1, cases // 2), by_all=False))
        finally:
            portal.call(target.close)


class TestEverything:
    def test_is_described_and_no_fault_of_ours(self, swept: Swept) -> None:
        assert not swept.failures, "\n\n".join(f"{name}\n{text}" for name, text in swept.failures.items())
        assert len(swept.statuses) > 20
        assert all(set(by_caller) == set(CALLERS) for by_caller in swept.statuses.values())
        seen = {status for by_caller in swept.statuses.values() for found in by_caller.values() for status in found}
        assert {200, 401, 403, 404, 422} <= seen
        without_token = {status for by_caller in swept.statuses.values() for status in by_caller[NOBODY]}
        assert 201 not in without_token
