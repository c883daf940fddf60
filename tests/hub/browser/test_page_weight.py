"""The measurement of pages' weight adds up what a browser fetched; here for a few, by hand for all."""

from typing import TYPE_CHECKING

import pytest

from bench.page_weight import ALL, HEAVIEST, Weight, report, weigh_all
from hub.static_files import STATIC
from tests.hub.browser.serving import RunningHub
from tests.hub.browser.stage import Stage

if TYPE_CHECKING:
    from playwright.async_api import Browser

FEW = ("/datenschutz", "/antwort/{answer_id}")
HEAVY = Weight(sent=HEAVIEST + 1, unpacked=HEAVIEST + 1, page=1, files=1)
LIGHT = Weight(sent=40_000, unpacked=90_000, page=20_000, files=3)


class TestPageWeight:
    @pytest.mark.asyncio(loop_scope="session")
    async def test_adds_up_the_page_and_all_that_it_loads(
        self, chromium: "Browser", hub: RunningHub, stage: Stage
    ) -> None:
        weights = await weigh_all(chromium, hub, stage, {name: ALL[name] for name in FEW})
        assert weights.keys() == set(FEW)
        for weight in weights.values():
            loaded = sum((STATIC / name).stat().st_size for name in ("allmende.css", "allmende.js"))
            assert weight.unpacked > loaded
            assert weight.page < weight.sent < weight.unpacked
            assert weight.files >= 3
            assert weight.is_light

    def test_names_what_is_too_heavy(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert report({"a": LIGHT, "b": HEAVY}) == ["b"]
        assert capsys.readouterr().out.index("| b ") < 200
