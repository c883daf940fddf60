"""A moderator's morning: what a clerk tells in the chat is asked about, redacted, published, corrected, taken back.

All of it is real: ``allmende serve`` in a process of its own, a Synapse with encrypted chats, and a browser.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
import pytest_asyncio

from knowledge.contributions.checking import label_of
from knowledge.kit.language import _
from tests.bot.matrix.people import person_on
from tests.browser import opened
from tests.hub.browser.hands import WithoutScript
from tests.hub.browser.test_journeys import sign_in
from tests.hub.shell import Shell
from tests.journeys.hub.town import MODERATOR, TOWNS, Clerk, place_for, places_with, said_in, served, settle
from tests.journeys.processes import eventually, stored
from tests.synapse import Synapse

if TYPE_CHECKING:
    from playwright.async_api import Browser, Page

pytestmark = pytest.mark.asyncio(loop_scope="session")
SURNAME = "Haberkorn"
NAME = f"Brigitte {SURNAME}"
TITLE = "Laubbläser mit Akku im Bauhof"
DONE = f"Der Bauhof hat acht Akku-Laubbläser beschafft. Frau {NAME} hat die Geräte ausgesucht."
OUTCOME = "Die Anwohner beschweren sich nicht mehr über Lärm, und ein Akku-Laubbläser hat 640 Euro gekostet."
QUESTION = "Wie lange hält ein Akku?"
ANSWER = "Etwa drei Stunden, dann wird gewechselt."
ASKED = "Was hat ein Akku-Laubbläser gekostet?"
WRONG, RIGHT = "640 Euro", "460 Euro"


@dataclass
class Morning:
    """Who takes part: two clerks of different towns in the chat, the moderator in the browser."""

    shell: Shell
    anna: Clerk
    ben: Clerk
    hub: str
    page: "Page"

    @property
    def hands(self) -> WithoutScript:
        """The moderator's hands."""
        return WithoutScript(self.page)

    async def open_queue(self, title: str) -> None:
        """Have the moderator open the queue and something that waits in it."""
        await self.page.goto(f"{self.hub}/pruefung")
        await self.hands.follow(title)

    def settle(self) -> None:
        """Wait until what was changed is in the index, or out of it."""
        eventually(lambda: stored(self.shell, "SELECT 1 FROM jobs") == [])

    async def text(self) -> str:
        """Return what stands on the moderator's page."""
        return await self.page.locator("main").inner_text()


@pytest_asyncio.fixture(loop_scope="session")
async def morning(shell: Shell, synapse: Synapse, chromium: "Browser") -> AsyncIterator[Morning]:
    """Two towns whose clerks have joined by their codes, and a browser."""
    shell = place_for(shell, synapse)
    codes = await settle(shell)
    bot = f"@{shell.settings['ALLMENDE_MATRIX_USER']}:localhost"
    async with served(shell) as hub, person_on(synapse) as first, person_on(synapse, "ben") as second:
        anna, ben = Clerk(first, bot, shell), Clerk(second, bot, shell)
        await anna.join(codes["kleinow"], "kleinow")
        await ben.join(codes["seefeld"], "seefeld")
        async with opened(chromium, script=False) as page:
            yield Morning(shell, anna, ben, hub, page)


class TestMorning:
    async def test_from_the_first_word_to_being_gone(self, morning: Morning) -> None:
        await clerk_tells(morning)
        await moderator_signs_in_and_asks_back(morning)
        await clerk_answers(morning)
        await moderator_redacts_and_publishes(morning)
        answer = await another_town_is_answered(morning)
        await another_town_corrects(morning, answer)
        await moderator_takes_the_correction_up(morning)
        document = await the_next_answer_has_it(morning)
        await clerk_withdraws(morning)
        await nothing_is_left(morning, document)


async def clerk_tells(morning: Morning) -> None:
    """The needed fields in five messages; a name is shown and left in; two more fields by their names."""
    anna = morning.anna
    await anna.say("!erfahrung", _("What is it about? A short title is enough."))
    await anna.say(TITLE, _("What did you do?"))
    await anna.say(DONE, _("What came of it?"))
    found = await anna.say(OUTCOME, NAME)
    await anna.press("👌", found, _("This is how others will read it:"))
    # The command, three answers and one about the name; without that, sending would be the fifth.
    assert anna.counted == 5
    for field in ("status", "again"):
        await anna.say(label_of(field), _("Back"))
        whole = await anna.say("4" if field == "status" else "1", _("Send it off"))
    await anna.press("✅", whole, _("Thank you, it is sent."))


async def moderator_signs_in_and_asks_back(morning: Morning) -> None:
    """The one-time link opens the door; the queue shows what waits."""
    link = morning.shell.succeed("member", "link", MODERATOR).strip()
    await sign_in(morning.hands, link, "mona")
    await morning.open_queue(TITLE)
    assert NAME in await morning.text()
    await morning.page.locator("summary", has_text=_("Ask back")).click()
    await morning.hands.type(_("Your question"), QUESTION)
    await morning.hands.press(_("Ask"))


async def clerk_answers(morning: Morning) -> None:
    """The question arrives in the chat, and a reply to it is the answer."""
    asked = await morning.anna.hear(QUESTION)
    await morning.anna.say(ANSWER, _("Thank you, your answer is on its way to the moderator."), reply_to=asked)


async def moderator_redacts_and_publishes(morning: Morning) -> None:
    """The answer stands at the item; the name goes by one click."""
    await morning.open_queue(TITLE)
    assert ANSWER in await morning.text()
    await morning.page.locator("form[action$=schwaerzen] button").first.click()
    assert NAME not in await morning.text()
    await morning.hands.press(_("Publish"))
    await morning.anna.hear(_("Published: {title}").format(title=TITLE))


async def another_town_is_answered(morning: Morning) -> dict[str, Any]:
    """The bot quotes it, with whose it is and what came of it; the name is nowhere."""
    morning.settle()
    answer = await morning.ben.say(ASKED, WRONG)
    for words in (TITLE, TOWNS["kleinow"], _("ended"), _("they would do it again"), "/dokument/"):
        assert words in said_in(answer)
    return answer


async def another_town_corrects(morning: Morning, answer: dict[str, Any]) -> None:
    """A reply to the answer says what is wrong in it."""
    ben = morning.ben
    await ben.say("!korrektur", _("What is wrong, and what should stand there instead?"), reply_to=answer)
    whole = await ben.say(f"Ein Gerät hat {RIGHT} gekostet.", _("Shall I send it like this?"))
    await ben.press("✅", whole, _("Thank you, it is sent."))


async def moderator_takes_the_correction_up(morning: Morning) -> None:
    """The document is changed in the library, and the suggestion noted as taken up."""
    await morning.open_queue(TITLE)
    item = morning.page.url
    assert RIGHT in await morning.text()
    await morning.hands.follow(_("The document in the library"))
    wrong = morning.page.locator("textarea", has_text=WRONG)
    await wrong.fill((await wrong.input_value()).replace(WRONG, RIGHT))
    await morning.hands.press(_("Save text"))
    await morning.page.goto(item)
    await morning.hands.press(_("Note as taken up"))
    await morning.ben.hear(_("Published: {title}").format(title=""))


async def the_next_answer_has_it(morning: Morning) -> str:
    """Asked again, the bot says it right; returns the document's address."""
    morning.settle()
    said = said_in(await morning.ben.say(ASKED, RIGHT))
    assert WRONG not in said
    await morning.page.goto(f"{morning.hub}/suche?q=Akku-Laubbläser")
    await morning.hands.follow(TITLE)
    assert NAME not in await morning.text()
    return morning.page.url


async def clerk_withdraws(morning: Morning) -> None:
    """Two presses take it back."""
    mine = await morning.anna.say("!beitraege", TITLE)
    sure = await morning.anna.press("🗑️", mine, _("Yes, withdraw it"))
    await morning.anna.press("🗑️", sure, _("Withdrawn: {title}").format(title=TITLE))


async def nothing_is_left(morning: Morning, document: str) -> None:
    """No answer, no page, no search and no table of the library holds it any more."""
    morning.settle()
    abstained = said_in(await morning.ben.say(ASKED, _("Ask the network")))
    assert TITLE not in abstained
    assert RIGHT not in abstained
    gone = await morning.page.goto(document.partition("?")[0])
    assert gone is not None
    assert gone.status == 404
    await morning.page.goto(f"{morning.hub}/suche?q=Akku-Laubbläser")
    # The lessons that come with the program may be found; what was taken back is not.
    found = await morning.text()
    assert _("Passages found") in found
    assert not any(words in found for words in (TITLE, WRONG, RIGHT))
    # The author's list still names what was taken back, and what the other town wrote in its own words is its own.
    kept = {TITLE: {"contributions.fields"}, RIGHT: {"contributions.fields"}}
    for words in (DONE[:30], "beschweren sich", WRONG, RIGHT, TITLE, ANSWER):
        assert places_with(morning.shell, words) == kept.get(words, set()), words
    assert places_with(morning.shell, SURNAME) == set()
    assert not any(SURNAME in said_in(event) for event in morning.ben.person.events)
