"""From a search that finds nothing to a colleague's answer that helped, by keyboard alone and without JavaScript."""

from typing import TYPE_CHECKING

import pytest

from knowledge.kit.language import _
from knowledge.kit.unit_of_work import unit_of_work
from knowledge.models.question import OpenQuestionState
from knowledge.questions.service import QuestionService
from tests.browser import opened
from tests.hub.browser.hands import Keyboard, WithoutScript
from tests.hub.browser.serving import RunningHub
from tests.hub.browser.stage import Stage

if TYPE_CHECKING:
    from playwright.async_api import Browser

pytestmark = pytest.mark.asyncio(loop_scope="session")
ANSWER = "Ja, und der Bauhof schwört darauf."


@pytest.mark.parametrize("way", [Keyboard, WithoutScript])
class TestAskingTheNetwork:
    async def test_asks_is_answered_and_says_that_it_helped(
        self, chromium: "Browser", hub: RunningHub, stage: Stage, way: type[Keyboard] | type[WithoutScript]
    ) -> None:
        asked, script = f"Hat jemand Quastenflosser gezählt ({way.__name__})?", way is Keyboard
        async with opened(chromium, script=script) as page, opened(chromium, script=script) as other:
            asker, helper = way(page), way(other)
            await hub.sign_in(page, stage.members["member"])
            await hub.sign_in(other, stage.members["colleague"])
            await page.goto(f"{hub.address}/suche?q={asked}")
            await asker.press(_("Ask the network"))
            await asker.press(_("Let it go out"))

            await other.goto(f"{hub.address}/fragen/offen")
            await helper.follow(asked)
            await helper.type(_("Your answer"), ANSWER)
            await helper.press(_("Send the answer"))

            await page.goto(hub.address)
            await asker.follow(_("Answers to your question: {text}").format(text=asked))
            assert ANSWER in await page.locator("main").inner_text()
            await asker.press(_("Yes"))
        async with unit_of_work(hub.database, writes=False) as unit:
            mine = await QuestionService(unit).of_member(stage.members["member"])
        assert {entry.text: entry.state for entry in mine}[asked] is OpenQuestionState.ANSWERED
