"""Somebody who has asked the network so much that they have to wait keeps the words for a gap, too."""

from knowledge.questions.limits import MOST_A_WEEK
from tests.hub.pages.library_world import change
from tests.hub.pages.network_world import released
from tests.hub.pages.test_gaps import gap
from tests.hub.signed_in import Hub

WORDS = "Womit streut ihr auf Brücken?"


class TestAskingTooMuch:
    async def test_keeps_the_words(self, hub: Hub) -> None:
        key = await gap(hub)
        for number in range(MOST_A_WEEK):
            await released(hub, "publisher", text=f"Wer kennt sich mit Brunnen Nummer {number} aus?")
        async with hub.browser("publisher") as browser:
            answer = await change(browser, f"/luecken/{key}", f"/luecken/{key}/fragen", text=WORDS)
        assert answer.status_code == 429
        assert WORDS in answer.text
