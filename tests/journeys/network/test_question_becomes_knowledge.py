"""A clerk asks, nobody knows, a colleague in a similar town answers, a moderator publishes, the next clerk finds it.

All of it is real: ``allmende serve`` in a process of its own with PostgreSQL, a Chroma server and the default model; a
Synapse with encrypted chats, a mail server and a browser. Telegram alone is a stand-in, over real HTTP.
"""

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio

from knowledge.kit.database import Database
from knowledge.kit.language import _
from tests.browser import opened
from tests.hub.browser.hands import WithoutScript
from tests.hub.browser.test_journeys import sign_in
from tests.hub.shell import Shell
from tests.journeys.hub.town import said_in
from tests.journeys.network.region import (
    ADDRESS,
    BY_MAIL,
    MODERATOR,
    TOWNS,
    Region,
    links_in,
    offer_help,
    opened_region,
    place_for,
)
from tests.knowledge.kit.mail_server import Mailbox, mail_server
from tests.knowledge.library.indexes.chroma_server import ChromaServer
from tests.synapse import Synapse
from tests.telegram_server.server import TelegramServer

if TYPE_CHECKING:
    from playwright.async_api import Browser, Page

pytestmark = [
    pytest.mark.asyncio(loop_scope="session"),
    pytest.mark.parametrize("database_url", ["postgresql"], indirect=True),
]
QUESTION = "Wie lagern wir Streusalz für den Winterdienst trocken?"
ANSWER = (
    "Seit wir das Streusalz in einer Halle mit Holzboden lagern, verklumpt nichts mehr. Die Halle kostete 18.000 Euro."
)
PROOF = "18.000 Euro"
ASKED_BACK, SAID_BACK = "Wer hat die Halle gebaut?", "Eine Zimmerei aus dem Nachbarort."
AGAIN = "Was kostet eine Halle für Streusalz?"
TOPIC = "Winterdienst"


@pytest_asyncio.fixture(loop_scope="session")
async def region(meaning: Shell, database_url: str, synapse: Synapse) -> AsyncIterator[Region]:
    """Three towns with clerks on Matrix and Telegram, and everything that runs."""
    chroma = ChromaServer(meaning.folder / "chroma")
    chroma.start()
    database = Database(database_url)
    try:
        with TelegramServer() as telegram:
            async with mail_server(Mailbox()) as mailbox:
                more = {"ALLMENDE_DATABASE_URL": database_url, "ALLMENDE_CHROMA_URL": chroma.url}
                shell = place_for(meaning, synapse, telegram, mailbox, **more)
                async with opened_region(shell, database, synapse, telegram, mailbox) as running:
                    yield running
    finally:
        await database.close()
        chroma.kill()


class TestQuestion:
    async def test_becomes_knowledge_and_everybody_who_waited_is_told(
        self, region: Region, chromium: "Browser"
    ) -> None:
        await offer_help(region.database, "seefeld", TOPIC)
        async with opened(chromium, script=False) as mail_page, opened(chromium, script=False) as desk:
            await somebody_without_messenger_subscribes(region, mail_page)
            await nobody_knows_and_she_asks_the_network(region)
            await somebody_else_has_the_question_too(region, mail_page)
            await colleague_answers(region)
            await they_write_to_each_other(region)
            await colleague_says_yes(region)
            await moderator_publishes(region, desk)
            await everybody_who_waited_is_told(region)
        await next_clerk_finds_it(region)
        assert region.telegram.refused == []


async def somebody_without_messenger_subscribes(region: Region, page: "Page") -> None:
    """Emil signs in by a link, gives his address, and confirms it by the button behind the link that comes there."""
    hands = WithoutScript(page)
    await page.goto(region.shell.succeed("member", "link", BY_MAIL).strip())
    await hands.press(_("Sign in"))
    await page.goto(f"{region.hub}/konto/post")
    await page.locator("input[name=address]").fill(ADDRESS)
    await page.locator("main form button[type=submit]").first.click()
    mail = await region.mail_with("/post/bestaetigen/")
    await page.goto(links_in(mail, "/post/bestaetigen/")[0])
    await page.locator("main form button[type=submit]").first.click()


async def nobody_knows_and_she_asks_the_network(region: Region) -> None:
    """The bot abstains, and three choices later the question is on its way, in the name of the town."""
    anna = region.anna
    nothing = await anna.say(QUESTION, _("Ask the network"))
    whom = await anna.press("🤝", nothing, _("In whose name do you ask?"))
    overview = await anna.press("🏛️", whom, _("Shall I send it?"))
    assert TOWNS["kleinow"] in said_in(overview)
    assert TOPIC in said_in(overview)
    await anna.press("✅", overview, _("Your question is on its way."))


async def somebody_else_has_the_question_too(region: Region, page: "Page") -> None:
    """Emil finds it in the hub, and joins."""
    await page.goto(f"{region.hub}/fragen/offen")
    await page.get_by_role("link", name="Streusalz").first.click()
    await page.locator("form[action$=betrifft-uns] button").first.click()


async def colleague_answers(region: Region) -> None:
    """Ben gets it on Telegram with the town's name and why him, and answers; Anna hears of it."""
    ben = region.ben
    asked = await ben.hear(_("A colleague needs your advice."))
    assert TOWNS["kleinow"] in asked.text
    assert TOPIC in asked.text
    await ben.press(_("Answer"), asked, _("What do you answer?"))
    whom = await ben.say(ANSWER, _("As whom shall it be sent?"))
    await ben.press(_("Organisation only"), whom, _("May this become an entry of the library?"))
    heard = said_in(await region.anna.hear(PROOF))
    assert TOWNS["seefeld"] in heard


async def they_write_to_each_other(region: Region) -> None:
    """A question back and its answer go through the bot."""
    anna, ben = region.anna, region.ben
    answer = await anna.hear(PROOF)
    await anna.say(ASKED_BACK, _("Passed on. I tell you what comes back."), reply_to=answer)
    asked = await ben.hear(ASKED_BACK)
    await ben.press(_("Reply"), asked, _("What shall I pass on?"))
    await ben.say(SAID_BACK, _("Passed on. I tell you what comes back."))
    await anna.hear(SAID_BACK)
    await anna.press("👍", answer, _("Good to hear."))


async def colleague_says_yes(region: Region) -> None:
    """The answer becomes a contribution."""
    ben = region.ben
    thanked = await ben.hear(_("May this become an entry of the library?"))
    await ben.press(_("Yes, gladly"), thanked, _("Thank you, it is sent."))


async def moderator_publishes(region: Region, page: "Page") -> None:
    """It waits in the queue like any contribution."""
    hands = WithoutScript(page)
    await sign_in(hands, region.shell.succeed("member", "link", MODERATOR).strip(), "mona")
    await page.goto(f"{region.hub}/pruefung")
    await hands.follow("Streusalz")
    assert PROOF in await page.locator("main").inner_text()
    await hands.press(_("Publish"))


async def everybody_who_waited_is_told(region: Region) -> None:
    """Anna in her chat, Emil by mail, Ben as its author; each with what was published."""
    told = said_in(await region.anna.hear(_("Your question is answered in the library now.")))
    assert PROOF in told
    assert TOWNS["seefeld"] in told
    await region.mail_with(" ".join(_("A question that you have, too, is answered in the library now.").split()))
    await region.ben.hear(_("Published: {title}").format(title=QUESTION))
    await region.indexed()


async def next_clerk_finds_it(region: Region) -> None:
    """In another town and other words, with its source."""
    found = said_in(await region.carla.say(AGAIN, PROOF))
    assert TOWNS["seefeld"] in found
