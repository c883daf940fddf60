"""The conversation in the browser in this process: the hub's pages, a library to search, and the bot behind them."""

import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from html import unescape

from httpx import AsyncClient, Response

from bot.web.chat import BrowserChat, browser_chat
from tests.hub.pages.library_world import searching
from tests.hub.signed_in import Hub

MESSAGE = re.compile(
    r'<li class="message (own|bot)" id="(m\d+)"[^>]*>(.*?)</li>\n(?=<li class="message|</ol>)', re.DOTALL
)
FORM = re.compile(r'<form action="/chat/wahl".*?</form>', re.DOTALL)
FIELD = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)">')
BUTTON = re.compile(r'<button [^>]*name="wahl" value="([^"]*)">(.*?)</button>', re.DOTALL)
TAG = re.compile(r"<[^>]+>")


@dataclass(frozen=True, slots=True)
class Message:
    """A message as the page shows it: its anchor, whose it is, its characters, and its form with what can be chosen."""

    anchor: str
    mine: bool
    text: str
    html: str
    fields: dict[str, str]
    buttons: dict[str, str]

    def press(self, label: str) -> dict[str, str]:
        """Return what a browser sends when the button with this label is pressed."""
        key = next(key for key, shown in self.buttons.items() if label in shown)
        return {**self.fields, "wahl": key}


def messages(page: Response) -> list[Message]:
    """Return the messages on a page."""
    return [_message(*found) for found in MESSAGE.findall(page.text)]


def _message(whose: str, anchor: str, html: str) -> Message:
    form = FORM.search(html)
    inner = form[0] if form else ""
    fields = {name: unescape(value) for name, value in FIELD.findall(inner)}
    buttons = {unescape(key): words(label) for key, label in BUTTON.findall(inner)}
    return Message(anchor, whose == "own", words(FORM.sub("", html)), html, fields, buttons)


def words(html: str) -> str:
    """Return what somebody reads."""
    return unescape(TAG.sub("", html)).strip()


async def ask(browser: AsyncClient, text: str, **more: str) -> list[Message]:
    """Say something by the form, as without a script, and return all messages on the page that it leads to."""
    return await followed(browser, await browser.post("/chat", data={"q": text, **more}))


async def press(browser: AsyncClient, message: Message, label: str) -> list[Message]:
    """Press a button below a message, and return all messages on the page that it leads to."""
    return await followed(browser, await browser.post("/chat/wahl", data=message.press(label)))


async def followed(browser: AsyncClient, answer: Response) -> list[Message]:
    """Go where a form led, and return the messages there."""
    assert answer.status_code == 303, answer.text[:2000]
    return messages(await browser.get(answer.headers["location"].partition("#")[0]))


@asynccontextmanager
async def talking(hub: Hub, *, searches: bool = False) -> AsyncIterator[BrowserChat]:
    """Have the hub's pages answered by the bot; ``searches``: over what is in the library now, else over nothing."""
    async with AsyncExitStack() as stack:
        if searches:
            await stack.enter_async_context(searching(hub))
        services = hub.app.state.services
        chat = browser_chat(services.settings, hub.database, services.answers)
        hub.app.state.services = replace(services, chat=chat)
        await stack.enter_async_context(chat.running())
        yield chat
