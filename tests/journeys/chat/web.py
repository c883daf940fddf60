"""The browser as a further chat for the stories: the hub's forms, as without a script, over the application itself."""

import asyncio
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from httpx import ASGITransport, AsyncClient, Cookies

from bot.core.adapter import Adapter
from bot.core.running import Bot
from bot.web.adapter import WebAdapter
from hub.app import create_app
from hub.auth.visiting import COOKIE
from hub.services import HubServices
from knowledge.access.sessions import Sessions
from knowledge.chats.service import ChatService
from knowledge.kit.errors import AllmendeError
from knowledge.kit.language import choose_language
from knowledge.kit.unit_of_work import unit_of_work
from knowledge.members.invitations import InvitationService
from knowledge.models.chat import Network
from knowledge.webchat.schemas import WebTurn
from tests.hub.pages.chat_world import Message, messages
from tests.journeys.chat.scenario import MOMENT, Shown, Step

ADDRESS = "http://hub.test"
# What only happens where several read along.
IN_GROUPS = {"said", "writes", "mentions", "replies", "silent", "circle", "weekly", "changes", "takes_back"}
POINTING = {"chooses", "now_says", "is_gone"}
JOINING = "/join "
# What a page says of the form that led to it.
FLASH = re.compile(r'<div class="notice success" role="status"><p>(.*?)</p>')


def alone(steps: Sequence[Step]) -> list[Step]:
    """Return the steps of a story that happen between one person and the bot, and build on such steps only."""
    kept: list[Step] = []
    there: set[str] = set()
    # Who did something that was left out: so is what the bot says to it.
    beside: set[str] = set()
    for step in steps:
        who, about = step.parts.get("who", ""), step.parts.get("about", "")
        if step.deed in IN_GROUPS or (step.deed in POINTING and about not in there):
            beside |= {who} if step.deed == "chooses" else set()
            continue
        if step.deed == "said_to" and who in beside:
            continue
        beside.discard(who)
        there |= {step.name} if step.name is not None else set()
        kept.append(step)
    return kept


@dataclass(slots=True)
class _Answering:
    """What pages hand over, answered by a bot that the stage started."""

    adapter: WebAdapter
    bot: Bot

    async def take(self, turn: WebTurn) -> bool:
        """Take something that somebody does, and answer it."""
        return await self.bot.answered(await self.adapter.hand_over(turn), 30.0)

    async def take_up(self, events: Sequence[str]) -> None:
        """Leave what was left by others to the bot's next start: there is one process only."""


class WebStage:
    """The hub's pages, each person with a browser of their own.

    Nobody belongs by a code here: whoever writes one gets it redeemed elsewhere, and is signed in.
    """

    features = frozenset({"buttons", "home"})

    def __init__(self, make_bot: Callable[[Sequence[Adapter]], Bot], services: HubServices) -> None:
        self._make_bot = make_bot
        self._services = services
        self._bot: Bot | None = None
        self._transport: ASGITransport | None = None
        self._browsers: dict[str, AsyncClient] = {}
        self._told: dict[str, list[Shown]] = {}

    async def start(self) -> None:
        """Start a process of the hub with its bot."""
        adapter = WebAdapter(self._services.database)
        self._bot = await self._make_bot([adapter]).__aenter__()
        await self._bot.connected()
        services = replace(self._services, chat=_Answering(adapter, self._bot))
        self._transport = ASGITransport(app=create_app(services))
        self._browsers = {who: self._browser(browser.cookies) for who, browser in self._browsers.items()}

    async def stop(self) -> None:
        """End the process."""
        if self._bot is not None:
            await self._bot.close()
            self._bot = None

    def _browser(self, cookies: Cookies | None = None) -> AsyncClient:
        headers = {"Accept": "text/html", "Accept-Language": "en"}
        return AsyncClient(transport=self._transport, base_url=ADDRESS, headers=headers, cookies=cookies)

    def _who(self, who: str) -> AsyncClient:
        if who not in self._browsers:
            self._browsers[who] = self._browser()
        return self._browsers[who]

    async def write(self, who: str, text: str, *, alone: bool, to_bot: bool, reply_to: str | None) -> str:
        """Write something by the form, and see that it leads to a page."""
        assert alone
        assert not to_bot
        assert reply_to is None
        if text.startswith(JOINING):
            await self._join(who, text.removeprefix(JOINING))
            return ""
        return await self._send(who, "/chat", {"q": text})

    async def _send(self, who: str, address: str, fields: dict[str, str]) -> str:
        answer = await self._who(who).post(address, data=fields)
        assert answer.status_code == 303, answer.text
        page = await self._who(who).get("/chat")
        flash = FLASH.search(page.text)
        if flash is not None:
            self._tell(who, flash[1])
        return answer.headers["location"].partition("#")[2]

    async def _join(self, who: str, code: str) -> None:
        """Redeem a code in another chat of this person, and sign them in with a second factor."""
        choose_language("en")
        try:
            async with unit_of_work(self._services.database) as unit:
                chats = ChatService(unit.session)
                person = await chats.keep_person(await chats.look_up_person(Network.TERMINAL, who))
                redeemed = await InvitationService(unit.session).redeem(code, person, self._services.database)
                assert redeemed.member is not None
                opened = await Sessions(unit.session).open(redeemed.member.id, second_factor=True)
        except AllmendeError as error:
            self._tell(who, error.message)
            return
        self._who(who).cookies.set(COOKIE, opened.token, domain="hub.test", path="/")
        page = await self._who(who).get("/chat")
        assert redeemed.member.name in page.text
        await self._send(who, "/chat", {"q": "/start"})  # from here on there is a conversation to be told things in
        self._tell(who, redeemed.member.name)

    def _tell(self, who: str, text: str) -> None:
        said = self._told.setdefault(who, [])
        said.append(Shown(f"page {len(said)}", text))

    async def choose(self, who: str, event: str, emoji: str, label: str) -> None:
        """Press a button."""
        del emoji
        await self._send(who, "/chat/wahl", (await self._message(who, event)).press(label))

    async def _message(self, who: str, event: str) -> Message:
        return next(one for one in await self._said(who) if one.anchor == event)

    async def _said(self, who: str) -> list[Message]:
        return messages(await self._who(who).get("/chat"))

    async def change(self, who: str, event: str, text: str) -> None:
        """Nothing that was written is changed in a browser."""
        raise NotImplementedError(who, event, text)

    async def take_back(self, who: str, event: str) -> None:
        """Nothing that was written is taken back in a browser but by a button."""
        raise NotImplementedError(who, event)

    async def shown(self, who: str | None) -> list[Shown]:
        """Return what stands on somebody's page now, and what pages said beside."""
        assert who is not None, "there are no groups"
        said = [Shown(one.anchor, one.text) for one in await self._said(who) if not one.mine]
        return [*self._told.get(who, ()), *said]

    async def wait(self, who: str | None) -> None:
        """Wait a moment before the page is loaded again."""
        await asyncio.sleep(MOMENT)
