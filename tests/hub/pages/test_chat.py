"""The conversation in the browser, by its forms alone, as without a script."""

import re
from datetime import datetime, timedelta
from html import unescape

import pytest
from httpx import AsyncClient
from sqlalchemy import func, select, update

from bot.core.packing import pack_incoming
from bot.web.adapter import incoming_of
from bot.web.chat import LEFT_AFTER
from hub.pages.chat import LONGEST_TEXT, way_of
from hub.services import HubServices
from knowledge.chats.inbox import Inbox
from knowledge.kit.clock import now
from knowledge.kit.unit_of_work import unit_of_work
from knowledge.models.access import HubSession
from knowledge.models.chat import Chat, ChatIdentity, Network
from knowledge.models.document import Visibility
from knowledge.models.message import IncomingEvent
from knowledge.models.webchat import WebConversation, WebMessage
from knowledge.webchat.limits import TURNS
from knowledge.webchat.schemas import Talker, WebTurn
from knowledge.webchat.service import WebChatService
from knowledge.webchat.service import talking as talker_of
from tests.hub.pages.chat_world import ask, followed, messages, press, talking
from tests.hub.pages.library_world import take_in
from tests.hub.signed_in import ADDRESS, Hub

ASKED = "Was hat die Drohne gekostet?"
ANSWER = "8.400 Euro"
COOKIE = "allmende_gespraech"


SEEN = re.compile(r'data-seen="([0-9a-f]+)"')
NEWS = re.compile(r'data-news><a href="([^"]+)">See new messages</a>')
LATER = {"blocks": [["paragraph", [["Von nebenan", "plain", None]]]], "choices": []}


async def say_later(hub: Hub, talker: Talker, key: str) -> None:
    """Have the bot say something by itself, as on a colleague's answer."""
    async with hub.writing() as unit:
        await WebChatService(unit.session).hear(talker.address, key, LATER)


async def change_later(hub: Hub, talker: Talker, key: str) -> None:
    """Have the bot take back what it said."""
    async with hub.writing() as unit:
        await WebChatService(unit.session).replace(talker.address, [key], {"blocks": []})


async def left_by_another(hub: Hub, turn: WebTurn, *, ago: timedelta = LEFT_AFTER) -> None:
    """Leave what somebody did as a process leaves it that takes it and is killed."""
    values = {"blocks": [["paragraph", [[turn.text, "plain", None]]]], "choices": []}
    async with hub.writing() as unit:
        await WebChatService(unit.session).say(turn.talker, turn.key, values)
        await Inbox(unit.session).take(Network.WEB, [(turn.key, pack_incoming(incoming_of(turn)))])
        mine = update(IncomingEvent).where(IncomingEvent.event == turn.key)
        await unit.session.execute(mine.values(received_at=now() - ago))


async def last_seen(hub: Hub, *, hours_ago: int | None = None) -> datetime:
    """Return when the only session was used last; ``hours_ago``: after having it be so long ago."""
    async with hub.writing() as unit:
        if hours_ago is not None:
            await unit.session.execute(update(HubSession).values(seen_at=now() - timedelta(hours=hours_ago)))
        return (await unit.session.scalars(select(HubSession.seen_at))).one()


async def counted(hub: Hub) -> tuple[int, int, int, int]:
    """Return how many people and chats in the browser there are, how many conversations, and how many messages."""
    async with unit_of_work(hub.database, writes=False) as unit:
        people = select(func.count()).select_from(ChatIdentity).where(ChatIdentity.network == Network.WEB)
        chats = select(func.count()).select_from(Chat).where(Chat.network == Network.WEB)
        rest = [select(func.count()).select_from(table) for table in (WebConversation, WebMessage)]
        first, second, third, fourth = [await unit.session.scalar(one) or 0 for one in (people, chats, *rest)]
        return first, second, third, fourth


class TestAsking:
    async def test_a_visitor_asks_from_the_first_page_and_goes_on(self, hub: Hub) -> None:
        key = await take_in(hub, "drohne.md", url="https://drohne.example/bericht")
        async with talking(hub, searches=True), hub.browser() as browser:
            start = await browser.get("/")
            form_key = re.search(r'name="form_key" value="([^"]+)"', start.text)
            assert form_key
            assert COOKIE not in start.headers.get("set-cookie", "")
            said = await ask(browser, ASKED, form_key=form_key[1])
            voted = await press(browser, said[1], "Helped")
            followed_up = await ask(browser, "Und die Schulung?")
        assert [(message.mine, ANSWER in message.text) for message in said] == [(True, False), (False, True)]
        # The source is read in the hub, at the passage; its original is linked there.
        assert f'href="/dokument/{key}?v=1&amp;p=0#stelle"' in said[1].html
        assert "drohne.example" not in said[1].html
        assert "Helped ✓" in voted[1].buttons.values()
        assert "1.200 Euro" in followed_up[-1].text

    async def test_each_form_leads_to_what_was_said_with_it(self, hub: Hub) -> None:
        async with talking(hub), hub.browser() as browser:
            await ask(browser, "/help")
            answer = await browser.post("/chat", data={"q": "/about"})
            said = messages(await browser.get("/chat"))
        assert answer.headers["location"] == f"/chat#{said[2].anchor}"
        assert said[2].text.endswith("/about")

    async def test_a_form_that_is_sent_twice_is_answered_once(self, hub: Hub) -> None:
        async with talking(hub), hub.browser("member") as browser:
            for _time in range(2):
                said = await ask(browser, "/about", form_key="the same")
            other = await ask(browser, "/help", form_key="the same")
        assert [message.mine for message in said] == [True, False]
        assert len(other) == 4

    async def test_nothing_and_too_much(self, hub: Hub) -> None:
        async with talking(hub), hub.browser() as browser:
            nothing = await browser.post("/chat", data={"q": "  "})
            long = await browser.post("/chat", data={"q": "x" * LONGEST_TEXT + "<y>"})
        assert nothing.headers["location"] == "/chat#eingabe"
        assert long.status_code == 422
        assert "too long" in long.text
        assert "x&lt;y&gt;</textarea>" in long.text
        assert await counted(hub) == (0, 0, 0, 0)

    async def test_what_was_typed_stays_while_nobody_can_be_asked(self, hub: Hub) -> None:
        async with hub.browser() as browser:
            page = await browser.post("/chat", data={"q": ASKED})
        assert page.status_code == 503
        assert f">{ASKED}</textarea>" in unescape(page.text)

    async def test_markup_is_shown_as_it_is(self, hub: Hub) -> None:
        await take_in(
            hub, "drohne.md", "Die Drohne <script>alert(1)</script> kostet 8.400 Euro.", title="<b>Drohne</b>"
        )
        async with talking(hub, searches=True), hub.browser() as browser:
            said = await ask(browser, "Was kostet die Drohne? <i>Bitte</i>")
        assert [tag in message.html for message in said for tag in ("<script", "<b>", "<i>")] == [False] * 6
        assert "<script>alert(1)</script>" in said[1].text


class TestWhoFindsWhat:
    async def test_a_visitor_finds_what_is_public_only_and_a_member_what_is_theirs(self, hub: Hub) -> None:
        text = "Die Drohne hat 8.400 Euro gekostet."
        await take_in(hub, "drohne.md", text, visibility=Visibility.NETWORK)
        await take_in(
            hub, "hund.md", "Der Hund hat 77 Euro gekostet.", visibility=Visibility.HOUSE, organisation="lindenau"
        )
        seen: dict[str | None, list[bool]] = {}
        async with talking(hub, searches=True):
            for who in (None, "suspended", "neighbour", "member"):
                async with hub.browser(who) as browser:
                    pages = [await ask(browser, ASKED), await ask(browser, "Was hat der Hund gekostet?")]
                    seen[who] = [ANSWER in pages[0][-1].text, "77 Euro" in pages[1][-1].text]
        assert seen == {
            None: [False, False],
            "suspended": [False, False],
            "neighbour": [True, False],
            "member": [True, True],
        }

    async def test_signing_in_is_asked_again_where_rights_need_a_second_factor(self, hub: Hub) -> None:
        async with talking(hub), hub.browser("weak_moderator") as browser:
            answer = await browser.post("/chat", data={"q": ASKED})
        assert answer.headers["location"].startswith("/anmelden/bestaetigen")
        assert await counted(hub) == (0, 0, 0, 0)

    async def test_a_code_makes_no_member_of_a_browser(self, hub: Hub) -> None:
        async with talking(hub), hub.browser() as browser:
            said = [await ask(browser, words) for words in ("/join 7K3M-Q2XV-9RTD", "/start 7K3M-Q2XV-9RTD", "/join")]
            offered = await ask(browser, "/help")
        assert all('href="/anmelden"' in page[-1].html for page in said)
        assert "/hub" not in offered[-1].text


class TestWhose:
    async def test_a_members_conversation_is_there_on_every_device_and_for_nobody_else(self, hub: Hub) -> None:
        async with talking(hub), hub.browser("member") as desk, hub.browser("member") as phone:
            await ask(desk, "/about")
            on_phone = messages(await phone.get("/chat"))
            async with hub.browser("neighbour") as other, hub.browser() as visitor:
                others = [messages(await browser.get("/chat")) for browser in (other, visitor)]
        assert [message.mine for message in on_phone] == [True, False]
        assert others == [[], []]

    async def test_a_visitors_conversation_belongs_to_the_browser(self, hub: Hub) -> None:
        async with talking(hub), hub.browser() as browser, hub.browser() as other:
            answer = await browser.post("/chat", data={"q": "/about"})
            cookie = answer.headers["set-cookie"]
            other.cookies.set(COOKIE, "x" * 43, domain="hub.test", path="/")
            assert len(messages(await browser.get("/chat"))) == 2
            assert messages(await other.get("/chat")) == []
        assert "HttpOnly" in cookie
        assert "SameSite=lax" in cookie
        # It ends with the browser.
        assert "Max-Age" not in cookie
        assert "expires" not in cookie

    async def test_what_a_visitor_asked_does_not_become_a_members(self, hub: Hub) -> None:
        async with talking(hub), hub.browser() as browser:
            await ask(browser, "/about")
            token = await hub.sign_in("member")
            browser.cookies.set("allmende_session", token, domain="hub.test", path="/")
            page = await browser.get("/chat")
        assert messages(page) == []
        assert "before you signed in is not part of it" in page.text

    async def test_nobody_presses_what_was_offered_to_somebody_else(self, hub: Hub) -> None:
        await take_in(hub, "drohne.md")
        async with talking(hub, searches=True), hub.browser("member") as browser, hub.browser("neighbour") as other:
            said = await ask(browser, ASKED)
            stolen = await other.post("/chat/wahl", data=said[1].press("Delete"))
            invented = await browser.post("/chat/wahl", data={**said[1].fields, "wahl": "delete:invented"})
            left = messages(await browser.get("/chat"))
        assert (stolen.status_code, invented.status_code) == (404, 404)
        assert len(left) == 2


class TestFiles:
    async def test_ones_own_data_as_a_file_for_oneself_alone(self, hub: Hub) -> None:
        async with talking(hub), hub.browser("member") as browser, hub.browser("neighbour") as other:
            said = await ask(browser, "/mydata")
            links = re.findall(r'href="(/chat/datei/\d+)"', "".join(message.html for message in said))
            file = await browser.get(links[0])
            refused = [(await someone.get(links[0])).status_code for someone in (other,)]
            async with hub.browser() as visitor:
                refused.append((await visitor.get(links[0])).status_code)
        assert len(links) == 2
        assert file.headers["content-disposition"].startswith("attachment;")
        assert "Member" in file.text
        assert refused == [404, 404]

    async def test_a_report_that_a_member_sends_becomes_an_experience(self, hub: Hub) -> None:
        report = b"# Drohne\n\nAusgangslage: Das Dach war kaputt.\n\nErgebnis: Es ist heil.\n"
        async with talking(hub), hub.browser("member") as browser, hub.browser() as visitor:
            files = {"datei": ("../<b>.md", report, "text/html")}
            said = await followed(browser, await browser.post("/chat/datei", files=files))
            refused = await visitor.post("/chat/datei", files=files)
            link = re.search(r'href="(/chat/datei/\d+)"', said[0].html)
            assert link
            back = await browser.get(link[1])
        assert "kaputt" in "".join(message.text for message in said)
        assert refused.headers["location"].startswith("/anmelden")
        # What somebody sends never comes back as a page.
        assert back.headers["content-type"] == "application/octet-stream"
        assert back.content == report


class TestDeleting:
    async def test_a_visitor_deletes_everything(self, hub: Hub) -> None:
        await take_in(hub, "drohne.md")
        async with talking(hub, searches=True), hub.browser() as browser:
            await ask(browser, ASKED)
            before = await counted(hub)
            answer = await browser.post("/chat/loeschen", data={})
            page = await browser.get("/chat")
        assert before == (1, 1, 1, 2)
        assert answer.status_code == 303
        assert "The conversation is deleted." in page.text
        assert COOKIE not in browser.cookies
        assert await counted(hub) == (0, 0, 0, 0)

    async def test_a_member_deletes_the_conversation_and_stays_a_member(self, hub: Hub) -> None:
        async with talking(hub), hub.browser("member") as browser:
            await ask(browser, "/about")
            await browser.post("/chat/loeschen", data={})
            assert messages(await browser.get("/chat")) == []
            again = await ask(browser, "/profile")
        assert "Role: member" in again[-1].text

    async def test_an_answer_that_is_taken_back_takes_its_question_along(self, hub: Hub) -> None:
        await take_in(hub, "drohne.md")
        async with talking(hub, searches=True), hub.browser() as browser:
            said = await ask(browser, ASKED)
            left = await press(browser, said[1], "Delete")
        assert left == []

    async def test_erasing_oneself_by_the_command(self, hub: Hub) -> None:
        async with talking(hub), hub.browser() as browser:
            sure = await ask(browser, "/delete")
            await press(browser, sure[-1], "Yes, erase everything")
        assert await counted(hub) == (0, 0, 0, 0)


class TestTooMuch:
    async def test_visitors_from_one_address_are_slowed_down_and_members_are_not(self, hub: Hub) -> None:
        async def often(browser: AsyncClient) -> set[tuple[int, str]]:
            answers = [await browser.post("/chat", data={"q": "/cancel"}) for _time in range(TURNS + 1)]
            return {(answer.status_code, answer.headers["retry-after"]) for answer in answers}

        services: HubServices = hub.app.state.services
        assert services.chat is None
        async with hub.browser() as visitor, hub.browser("member") as member:
            statuses = [await often(visitor), await often(member)]
        # Nobody answers here; what counts is who is refused before that.
        assert statuses == [{(503, "10"), (429, "60")}, {(503, "10")}]


class TestOtherProcesses:
    async def test_what_another_process_says_is_on_the_page(self, hub: Hub) -> None:
        talker = talker_of(hub.people["member"].id)
        async with talking(hub), hub.browser("member") as browser:
            await ask(browser, "/about")
            await say_later(hub, talker, "elsewhere")
            said = messages(await browser.get("/chat"))
        assert said[-1].text.endswith("Von nebenan")

    async def test_what_a_killed_one_left_is_answered_when_its_page_is_asked_for_again(self, hub: Hub) -> None:
        talker = talker_of(hub.people["member"].id)
        async with talking(hub) as chat, hub.browser("member") as browser:
            await ask(browser, "/help")
            await left_by_another(hub, WebTurn(talker, "left", "en", text="/about"))
            waiting = await browser.get("/chat")
            await chat.settle()
            for _time in range(2):
                said = messages(await browser.get("/chat"))
        assert "I am still looking" in waiting.text
        assert [message.mine for message in said] == [True, False, True, False]

    async def test_what_another_one_has_just_taken_is_left_to_it(self, hub: Hub) -> None:
        talker = talker_of(hub.people["member"].id)
        async with talking(hub) as chat, hub.browser("member") as browser:
            await chat.ready()
            await left_by_another(hub, WebTurn(talker, "just now", "en", text="/about"), ago=timedelta())
            await browser.get("/chat")
            await chat.settle()
            said = messages(await browser.get("/chat"))
        assert [message.mine for message in said] == [True]


class TestComingLater:
    async def test_a_page_hears_whether_anything_came_and_gets_it(self, hub: Hub) -> None:
        talker = talker_of(hub.people["member"].id)
        async with talking(hub), hub.browser("member") as browser:
            await ask(browser, "/about")
            page = await browser.get("/chat")
            seen = {"If-None-Match": f'"{SEEN.findall(page.text)[0]}"'}
            nothing = await browser.get("/chat/neues", headers=seen)
            await say_later(hub, talker, "later")
            something = await browser.get("/chat/neues", headers=seen)
            again = await browser.get("/chat")
        assert (nothing.status_code, nothing.content) == (304, b"")
        assert (something.status_code, something.headers["location"][:7]) == (303, "/chat#m")
        assert SEEN.findall(again.text)[0] not in seen["If-None-Match"]

    async def test_a_link_leads_to_what_is_new(self, hub: Hub) -> None:
        talker = talker_of(hub.people["member"].id)
        async with talking(hub), hub.browser("member") as browser:
            await ask(browser, "/about")
            link = NEWS.findall((await browser.get("/chat")).text)[0]
            nothing = await browser.get(link)
            for key in ("first", "second"):
                await say_later(hub, talker, key)
            something = await browser.get(link)
            said = messages(await browser.get("/chat"))
        assert nothing.headers["location"] == "/chat#eingabe"
        assert something.headers["location"] == f"/chat#{said[2].anchor}"

    async def test_what_changes_counts_too_and_others_conversations_do_not(self, hub: Hub) -> None:
        talker, other = talker_of(hub.people["member"].id), talker_of(hub.people["neighbour"].id)
        async with talking(hub), hub.browser("member") as browser, hub.browser("neighbour") as neighbour:
            await ask(browser, "/about")
            await ask(neighbour, "/about")
            marks = []
            for change in (say_later(hub, other, "a"), say_later(hub, talker, "b"), change_later(hub, talker, "b")):
                await change
                marks += SEEN.findall((await browser.get("/chat")).text)
        assert len(marks) == len(set(marks)) == 3

    async def test_a_page_that_looks_by_itself_keeps_no_session_alive(self, hub: Hub) -> None:
        async with hub.browser("member") as browser:
            before = await last_seen(hub, hours_ago=1)
            for address in ("/chat/neues", "/chat"):
                await browser.get(address, headers={"If-None-Match": '"x"'})
            by_itself = await last_seen(hub)
            await browser.get("/chat/neues")
            by_hand = await last_seen(hub)
        assert by_itself == before
        assert by_hand > before

    async def test_strangers_are_told_nothing(self, hub: Hub) -> None:
        async with hub.browser() as browser:
            answer = await browser.get("/chat/neues?nach=9999999999999999999999")
        assert answer.headers["location"] == "/chat#eingabe"


class TestLinks:
    @pytest.mark.parametrize(
        ("address", "expected"),
        [
            (f"{ADDRESS}/dokument/1?v=1#stelle", "/dokument/1?v=1#stelle"),
            ("https://land.example/a", "https://land.example/a"),
            (f"{ADDRESS}.example/a", f"{ADDRESS}.example/a"),
            (f"{ADDRESS}//land.example", f"{ADDRESS}//land.example"),
            ("javascript:alert(1)", None),
            ("mailto:a@b.example", None),
            ("//land.example", None),
            ("https://[", None),
            ("https://a.example/\nb", None),
            (None, None),
        ],
    )
    def test_lead_into_the_hub_or_to_the_web_only(self, address: str | None, expected: str | None) -> None:
        assert way_of(ADDRESS, address) == expected
