"""The measurements of the hub run and count what they should, in their short forms.

No test looks at how long anything took: that is for a quiet machine.
"""

import pytest

from bench import hub_kills, killing
from bench.chatting import on_telegram
from bench.filling import WORDS_ALONE, Shape
from bench.hub_load import measure_load
from bench.hub_pages import measure_pages
from bench.hubbing import BigHub, fill_hub
from bench.runs import Library, scratch_library
from knowledge.models.chat import Network
from tests.hub.browser.addresses import FURTHER, PAGES
from tests.ports import free_port


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> BigHub:
    """A hub with 20 made-up documents and as many contributions that wait."""
    library = Library(tmp_path_factory.mktemp("hub") / "data", WORDS_ALONE)
    return fill_hub(library, Shape(100, per_document=5), waiting=20, acts=20)


class TestHub:
    def test_every_page_is_timed(self, hub: BigHub, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("bench.hub_pages.WARM_UP", 0)
        taken = measure_pages(hub, rounds=1)
        assert taken.keys() == {*PAGES, *FURTHER}
        assert all(len(values) == 1 and values[0] > 0 for values in taken.values())

    def test_everybody_clicks_and_nobody_meets_an_error(self, hub: BigHub) -> None:
        load = measure_load(hub, people=3, seconds=3.0, every=0.5)
        assert len(load.clicks) >= 3
        assert load.errors == []

    def test_nothing_is_lost_or_doubled_whatever_was_killed(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(killing, "LONGEST_LIFE", 1.0)
        monkeypatch.setattr(hub_kills, "QUIET", 0.5)
        port = {killing.PORT: str(free_port())}
        with on_telegram(6, 0) as side, scratch_library(**WORDS_ALONE, **port, **side.settings()) as library:
            tellers = hub_kills.on_stand_in(side)
            outcome = hub_kills.measure(library, Network.TELEGRAM, tellers, kills=1)
        assert outcome.told > 0
        assert (outcome.lost, outcome.doubled, outcome.unheard) == (0, 0, 0)
