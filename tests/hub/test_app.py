"""Forms that are sent twice act once, forms whose sender has to sign in first are not lost, sessions are looked up."""

import asyncio
import re
from datetime import UTC, datetime, timedelta

import pytest
from fastapi import APIRouter
from fastapi.dependencies.models import Dependant
from httpx import AsyncClient
from sqlalchemy import func, select

from hub.app import OpenRoute, checked_routes, routes
from hub.auth.visiting import COOKIE
from hub.dependencies import write_unit
from hub.messages import redirect, texts
from hub.rendering import TEMPLATES
from knowledge.access.links import AccessLinks
from knowledge.kit.clock import use_clock
from knowledge.models.access import HubSession, KeptForm
from tests.hub.probes import Probes, add_probes
from tests.hub.signed_in import Hub

START = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
HIDDEN = re.compile(r'<input type="hidden" name="([^"]*)" value="([^"]*)">')
POST_FORM = re.compile(r'<form\b(?:(?!</form>).)*?method="post".*?</form>', re.DOTALL)
MACRO = re.compile(r"{% macro (\w+)\([^)]*\)[^%]*%}(.*?){% endmacro %}", re.DOTALL)
# Signing in changes nothing that a second time would double; it is throttled instead.
WITHOUT_KEY = {"/anmelden", "/anmelden/link/{token}", "/anmelden/bestaetigen", "/anmelden/post"}
# The same by a directory: what comes back is used up once, and no transaction is open while it is asked.
WITHOUT_KEY |= {f"/anmelden/verzeichnis{rest}" for rest in ("", "/{provider_id:uuid}", "/beitreten")}
WITHOUT_KEY |= {"/konto/verzeichnis/{provider_id:uuid}", "/verzeichnisse/{provider_id:uuid}/pruefen"}
# A turn of the conversation is known again by its form's key (see tests/hub/pages/test_chat.py); the bot has
# transactions of its own.
WITHOUT_KEY |= {f"/chat{rest}" for rest in ("", "/wahl", "/datei", "/loeschen")}
# Files are read for long, without a transaction; the same file a second time changes nothing.
SAME_FILES = {"/bibliothek/{key:uuid}/fassung", "/bibliothek/hochladen", "/lernen/verwalten/einspielen"}


@pytest.fixture
def probes(hub: Hub) -> Probes:
    return add_probes(hub)


def writes(dependant: Dependant) -> bool:
    """Whether a route gets a transaction in which the form's key is used up."""
    return dependant.call is write_unit or any(map(writes, dependant.dependencies))


def form(text: str, key: str = "k") -> dict[str, str | list[str]]:
    return {"text": text, "tags": ["a", "b"], "form_key": key}


class TestRoutes:
    def test_every_form_that_acts_acts_once(self) -> None:
        posts = [route for route in routes() if "POST" in (route.methods or ())]
        assert len(posts) > 10
        without = {route.path for route in posts if not writes(route.dependant)}
        assert without - SAME_FILES == WITHOUT_KEY

    def test_every_form_that_acts_has_a_key(self) -> None:
        paths = sorted(TEMPLATES.rglob("*.html"))
        templates = {path.relative_to(TEMPLATES).as_posix(): path.read_text("utf-8") for path in paths}
        with_key = {"form_key"} | {
            name for text in templates.values() for name, body in MACRO.findall(text) if "form_key()" in body
        }
        forms = [(name, form) for name, text in templates.items() for form in POST_FORM.findall(text)]
        assert len(forms) > 10
        calls = re.compile(rf"{{{{ (?:{'|'.join(with_key)})\(")
        # Those of signing in have none; see above. What links in mails lead to is the same after a second time.
        signing_in = {f"sign_in/{name}.html" for name in ("form", "link", "step_up", "directories", "join")}
        from_mail = {"mail/confirm.html", "mail/leave.html"}
        # Its key is in the button that asks, so that the one that searches does not write it into the address.
        assert '<button type="submit" name="form_key" value="{{ form_key }}">' in templates["start.html"]
        assert {name for name, form in forms if not calls.search(form)} == signing_in | from_mail | {"start.html"}

    def test_a_route_without_a_right_is_refused(self) -> None:
        router = APIRouter()

        @router.get("/offen")
        async def open_route() -> str:
            return ""

        with pytest.raises(OpenRoute, match="/offen"):
            checked_routes(router)


class TestSentTwice:
    async def test_the_second_is_led_to_where_the_first_one_led(self, hub: Hub, probes: Probes) -> None:
        async with hub.browser("moderator") as browser, hub.browser("administrator") as other:
            first = await browser.post("/probe/form", data=form("once"))
            second = await browser.post("/probe/form", data=form("once, changed"))
            assert first.headers["location"] == second.headers["location"] == "/probe/done/1"
            assert probes.texts == ["once|a,b"]
            # Another form, and the same key in somebody else's hands, are others.
            await browser.post("/probe/form", data=form("another", key="k2"))
            await other.post("/probe/form", data=form("theirs"))
        assert [text.partition("|")[0] for text in probes.texts] == ["once", "another", "theirs"]

    async def test_at_the_same_time_one_acts(self, hub: Hub, probes: Probes) -> None:
        async with hub.browser("moderator") as browser:
            answers = await asyncio.gather(*(browser.post("/probe/form", data=form("once")) for _ in range(4)))
        assert {answer.headers["location"] for answer in answers} == {"/probe/done/1"}
        assert len(probes.texts) == 1

    async def test_what_failed_or_was_shown_again_may_be_sent_again(self, hub: Hub, probes: Probes) -> None:
        async with hub.browser("moderator") as browser:
            assert (await browser.post("/probe/form", data=form("wrong"))).status_code == 422
            assert (await browser.post("/probe/form", data=form("\n"))).status_code == 422  # no name for a member
            assert (await browser.post("/probe/form", data=form("right"))).status_code == 303
        assert probes.texts[-1] == "right|a,b"


class TestSessionOver:
    async def test_what_was_typed_comes_back_after_signing_in(self, hub: Hub, probes: Probes) -> None:
        use_clock(lambda: START)
        async with hub.browser("moderator") as browser:
            use_clock(lambda: START + timedelta(hours=13))
            long = "Ein langer Text. <b>ü</b> " * 2000
            over = await browser.post("/probe/form?from=1", data=form(long))
            assert (over.status_code, over.headers["location"]) == (303, "/anmelden?formular=1")
            assert "What you typed is kept" in (await browser.get(over.headers["location"])).text
            assert probes.texts == []

            token = await hub.sign_in("moderator")
            browser.cookies.set(COOKIE, token, domain="hub.test", path="/")
            await self._sends_again(browser, probes, long)
            assert (await browser.get("/konto/formular")).status_code == 404
            async with hub.writing() as unit:
                link = await AccessLinks(unit.session).sign_in_link(hub.people["moderator"].id)
            assert (await browser.post(link.path)).headers["location"] == "/"
        async with hub.writing() as unit:
            assert await unit.session.scalar(select(func.count()).select_from(KeptForm)) == 0

    async def _sends_again(self, browser: AsyncClient, probes: Probes, text: str) -> None:
        page = await browser.get("/konto/formular")
        assert 'action="/probe/form?from=1"' in page.text
        assert "<b>ü" not in page.text
        fields: dict[str, list[str]] = {}
        for name, value in HIDDEN.findall(page.text):
            fields.setdefault(name, []).append(value.replace("&lt;", "<").replace("&gt;", ">"))
        again = await browser.post("/probe/form", data=fields)
        assert again.headers["location"] == "/probe/done/1"
        assert probes.texts == [text + "|a,b"]

    async def test_signing_in_by_link_leads_to_it(self, hub: Hub, probes: Probes) -> None:
        async with hub.browser("weak_moderator") as browser:
            answer = await browser.post("/probe/form", data=form("too weak"))
            assert answer.headers["location"] == "/anmelden/bestaetigen?formular=1"
            async with hub.writing() as unit:
                link = await AccessLinks(unit.session).sign_in_link(hub.people["weak_moderator"].id)
            assert (await browser.post(link.path)).headers["location"] == "/konto/formular"
            assert "too weak" in (await browser.get("/konto/formular")).text

            # Whoever sits at the same machine next is somebody else.
            browser.cookies.set(COOKIE, await hub.sign_in("neighbour"), domain="hub.test", path="/")
            foreign = await browser.get("/konto/formular")
            assert foreign.status_code == 404
            assert "too weak" not in foreign.text

    async def test_of_files_it_is_said_that_they_are_gone(self, hub: Hub, probes: Probes) -> None:
        async with hub.browser("weak_moderator") as browser:
            await browser.post("/probe/form", data={"text": "with a picture"}, files={"upload": ("a.png", b"PNG")})
            page = (await browser.get("/konto/formular")).text
        assert "with a picture" in page
        assert "There were files, too" in page

    async def test_of_a_stranger_nothing_is_kept(self, hub: Hub, probes: Probes) -> None:
        async with hub.browser() as browser:
            assert (await browser.post("/probe/form", data=form("x"))).headers["location"] == "/anmelden"
        async with hub.writing() as unit:
            assert await unit.session.scalar(select(func.count()).select_from(KeptForm)) == 0


class TestSessions:
    async def test_they_are_listed_and_ended_by_their_owner(self, hub: Hub) -> None:
        async with hub.browser("member") as browser, hub.browser("member") as lost, hub.browser("neighbour") as other:
            page = (await browser.get("/konto")).text
            (ending,) = re.findall(r'action="(/konto/sitzungen/[0-9a-f-]+/beenden)"', page)
            assert (await other.post(ending)).status_code == 404
            assert (await lost.get("/konto")).status_code == 200
            assert (await browser.post(ending)).headers["location"] == "/konto"
            assert "The session is ended." in (await browser.get("/konto")).text
            assert "The session is ended." not in (await browser.get("/konto")).text
            assert (await lost.get("/konto")).status_code == 303
            assert (await browser.post("/abmelden")).headers["location"] == "/"
            assert (await browser.get("/konto")).status_code == 303

    async def test_use_is_noted_after_the_answer_and_rarely(self, hub: Hub) -> None:
        use_clock(lambda: START)
        async with hub.browser("member") as browser:
            seen = []
            for minutes in (1, 4, 6, 7, 12):
                use_clock(lambda minutes=minutes: START + timedelta(minutes=minutes))  # type: ignore[misc]  # a default
                await browser.get("/")
                async with hub.writing() as unit:
                    moment = await unit.session.scalar(select(HubSession.seen_at))
                assert moment is not None
                seen.append((moment - START).total_seconds() // 60)
        assert seen == [0, 0, 6, 6, 12]

    async def test_behind_tls_the_cookie_is_held_to_this_host(self, hub: Hub) -> None:
        async with hub.writing() as unit:
            link = await AccessLinks(unit.session).sign_in_link(hub.people["member"].id)
        async with hub.browser(address="https://hub.test") as browser:
            cookie = (await browser.post(link.path)).headers.get_list("set-cookie")
        (session,) = [line for line in cookie if COOKIE in line]
        assert session.startswith(f"__Host-{COOKIE}=")
        for part in ("; Secure", "; HttpOnly", "; Path=/", "; SameSite=lax"):
            assert part in session
        assert "Domain" not in session


class TestMessages:
    def test_only_texts_that_there_are(self) -> None:
        with pytest.raises(KeyError):
            redirect("/", said="no such text")
        assert all(texts().values())
