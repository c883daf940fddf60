"""Signing in with links, passwords and second factors, as a browser does it."""

import re
from datetime import UTC, datetime, timedelta

import pyotp
import pytest
from httpx import AsyncClient, Response
from sqlalchemy import func, select

from hub.auth.visiting import COOKIE
from knowledge.access.links import AccessLinks
from knowledge.kit.clock import use_clock
from knowledge.models.access import HubSession, SignInLink
from knowledge.models.audit import AuditEntry
from knowledge.models.notice import Notice
from tests.hub.signed_in import Hub

PASSWORD = "vier Wörter sind besser"
SEALED = re.compile(r'name="secret" value="([^"]+)"')
SECRET = re.compile(r"<code>([A-Z2-7]{32})</code>")
CODE = re.compile(r"<code>([0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4})</code>")
START = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.moment = START
        use_clock(lambda: self.moment)

    def forward(self, **much: float) -> None:
        self.moment += timedelta(**much)


@pytest.fixture
def clock() -> Clock:
    return Clock()


def code_now(secret: str, clock: Clock) -> str:
    return pyotp.TOTP(secret).at(clock.moment)


async def link_for(hub: Hub, who: str, *, recovers: bool = False) -> str:
    async with hub.writing() as unit:
        links, member_id = AccessLinks(unit.session), hub.people[who].id
        issued = await (links.recovery_link(member_id) if recovers else links.sign_in_link(member_id))
    return issued.path


async def set_up(browser: AsyncClient, clock: Clock, *, login: str = "Mo Derator") -> tuple[str, list[str]]:
    """Set password and second factor in the form; returns the app's secret and the recovery codes."""
    page = (await browser.get("/konto/zugang")).text
    sealed, secret = SEALED.findall(page)[0], SECRET.findall(page)[0]
    values = {"login": login, "new_password": PASSWORD, "repeated": PASSWORD, "secret": sealed}
    answer = await browser.post("/konto/zugang", data={**values, "code": code_now(secret, clock)})
    assert answer.status_code == 200, answer.text
    return secret, CODE.findall(answer.text)


async def enter(browser: AsyncClient, code: str, *, login: str = "MO DERATOR", password: str = PASSWORD) -> Response:
    return await browser.post("/anmelden", data={"login": login, "password": password, "code": code})


class TestLinks:
    async def test_a_look_does_not_use_it_up_and_the_button_does(self, hub: Hub) -> None:
        path = await link_for(hub, "member")
        async with hub.browser() as browser:
            for _preview in range(2):
                page = await browser.get(path)
                assert page.status_code == 200
                assert f'action="{path}" method="post"' in page.text
            answer = await browser.post(path)
            assert (answer.status_code, answer.headers["location"]) == (303, "/")
            assert "HttpOnly" in answer.headers["set-cookie"]
            assert "Member" in (await browser.get("/konto")).text
        async with hub.browser() as other:
            assert (await other.post(path)).status_code == 422
            assert (await other.get("/konto")).status_code == 303

    async def test_what_does_not_work_looks_alike(self, hub: Hub, clock: Clock) -> None:
        expired = await link_for(hub, "member")
        suspended = await link_for(hub, "suspended")
        clock.forward(minutes=11)
        suspended_again = await link_for(hub, "suspended")
        async with hub.browser() as browser:
            paths = (expired, suspended, suspended_again, "/anmelden/link/erfunden", "/anmelden/link/" + "x" * 500)
            answers = [(await browser.post(path)) for path in paths]
            pages = {answer.text.replace(path, "") for answer, path in zip(answers, paths, strict=True)}
        assert {answer.status_code for answer in answers} == {422}
        assert len({re.sub(r"/anmelden/link/[\w-]+", "", page) for page in pages}) == 1

    async def test_nothing_that_opens_the_door_is_kept(self, hub: Hub) -> None:
        path = await link_for(hub, "member")
        async with hub.browser() as browser:
            await browser.post(path)
            token = browser.cookies[COOKIE]
        async with hub.writing() as unit:
            kept = [*(await unit.session.scalars(select(SignInLink.digest)))]
            kept += await unit.session.scalars(select(HubSession.digest))
        assert len(kept) == 2
        assert all(digest not in (path.rpartition("/")[2], token) for digest in kept)

    async def test_it_replaces_the_session_of_the_same_browser(self, hub: Hub) -> None:
        async with hub.browser("member") as browser:
            before = browser.cookies[COOKIE]
            browser.cookies.clear()
            browser.cookies.set(COOKIE, before, domain="hub.test", path="/")
            assert (await browser.post(await link_for(hub, "neighbour"))).status_code == 303
            assert "Neighbour" in (await browser.get("/konto")).text
        async with hub.browser() as browser:
            browser.cookies.set(COOKIE, before, domain="hub.test", path="/")
            assert (await browser.get("/konto")).status_code == 303

    async def test_a_newer_link_replaces_the_older_one(self, hub: Hub) -> None:
        older, newer = await link_for(hub, "member"), await link_for(hub, "member")
        async with hub.browser() as browser:
            assert (await browser.post(older)).status_code == 422
            assert (await browser.post(newer)).status_code == 303


class TestSettingUp:
    async def test_a_moderator_gets_their_rights_by_it(self, hub: Hub, clock: Clock) -> None:
        async with hub.browser() as browser:
            await browser.post(await link_for(hub, "moderator"))
            refused = await browser.get("/pruefung")
            assert refused.headers["location"].startswith("/anmelden/bestaetigen?weiter=%2Fpruefung")
            assert "/konto/zugang" in (await browser.get(refused.headers["location"])).text
            before = browser.cookies[COOKIE]
            _secret, codes = await set_up(browser, clock)
            assert len(set(codes)) == 10
            assert browser.cookies[COOKIE] != before
            assert (await browser.get("/pruefung")).status_code == 200
        async with hub.writing() as unit:
            assert await unit.session.scalar(select(func.count()).select_from(Notice)) == 1
            assert [*(await unit.session.scalars(select(AuditEntry.action)))] == ["account:set_up"]

    async def test_what_cannot_be_is_said_at_its_field(self, hub: Hub, clock: Clock) -> None:
        async with hub.browser() as other:
            await other.post(await link_for(hub, "publisher"))
            await set_up(other, clock, login="vergeben")
        async with hub.browser("weak_moderator") as browser:
            page = (await browser.get("/konto/zugang")).text
            sealed, secret = SEALED.findall(page)[0], SECRET.findall(page)[0]
            good = {"login": "wm", "new_password": PASSWORD, "repeated": PASSWORD, "secret": sealed}
            good |= {"login": "Weak Moderator", "code": code_now(secret, clock)}
            for wrong, field in (
                ({"login": "ab"}, "login"),
                ({"login": "VERGEBEN"}, "login"),
                ({"new_password": "kurz", "repeated": "kurz"}, "new_password"),
                ({"new_password": "weak moderator", "repeated": "weak moderator"}, "new_password"),
                ({"repeated": PASSWORD + "!"}, "repeated"),
                ({"code": "000000"}, "code"),
            ):
                answer = await browser.post("/konto/zugang", data=good | wrong)
                assert answer.status_code in (409, 422), wrong
                assert f'id="{field}-error"' in answer.text, wrong
                assert PASSWORD not in answer.text
                assert secret in answer.text  # the picture that was scanned stays good
            assert (await browser.post("/konto/zugang", data=good)).status_code == 200

    async def test_once_set_it_takes_the_old_password(self, hub: Hub, clock: Clock) -> None:
        async with hub.browser() as browser, hub.browser("moderator") as elsewhere:
            await browser.post(await link_for(hub, "moderator"))
            await set_up(browser, clock)
            assert (await elsewhere.get("/konto")).status_code == 303  # all other sessions ended

            again = await browser.post("/konto/zugang", data={"login": "other"})
            assert again.status_code == 409
            new = {"new_password": "fünf Wörter sind noch besser", "repeated": "fünf Wörter sind noch besser"}
            wrong = await browser.post("/konto/passwort", data={"password": "falsch", **new})
            assert 'id="password-error"' in wrong.text
            done = await browser.post("/konto/passwort", data={"password": PASSWORD, **new})
            assert (done.status_code, done.headers["location"]) == (303, "/konto")
            assert "Your password is set" in (await browser.get("/konto")).text

    async def test_a_recovery_link_sets_all_anew(self, hub: Hub, clock: Clock) -> None:
        async with hub.browser() as browser:
            await browser.post(await link_for(hub, "administrator"))
            await set_up(browser, clock)
        async with hub.browser() as browser:
            answer = await browser.post(await link_for(hub, "administrator", recovers=True))
            assert answer.headers["location"] == "/konto/zugang"
            secret, _codes = await set_up(browser, clock, login="Chefin")
        clock.forward(minutes=1)
        async with hub.browser() as browser:
            assert (await enter(browser, code_now(secret, clock), login="chefin")).status_code == 303


class TestPassword:
    async def test_password_and_code_open_the_door_once_each(self, hub: Hub, clock: Clock) -> None:
        async with hub.browser("moderator") as browser:
            secret, recovery = await set_up(browser, clock)
        async with hub.browser() as browser:
            # The code that confirmed the set-up is used.
            assert (await enter(browser, code_now(secret, clock))).status_code == 422
            clock.forward(seconds=30)
            code = code_now(secret, clock)
            assert (await enter(browser, code)).status_code == 303
            assert (await browser.get("/pruefung")).status_code == 200
        async with hub.browser() as browser:
            assert (await enter(browser, code)).status_code == 422
            assert (await enter(browser, recovery[0].lower())).status_code == 303
        async with hub.browser() as browser:
            assert (await enter(browser, recovery[0])).status_code == 422
            assert (await enter(browser, recovery[1])).status_code == 303
            assert "8 recovery codes are left" in (await browser.get("/konto")).text

    async def test_nothing_tells_which_part_is_wrong(self, hub: Hub, clock: Clock) -> None:
        async with hub.browser("moderator") as browser:
            secret, _codes = await set_up(browser, clock)
        clock.forward(minutes=1)
        async with hub.browser() as browser:
            good = code_now(secret, clock)
            answers = [
                await enter(browser, good, password="falsch falsch falsch"),
                await enter(browser, "123456"),
                await enter(browser, good, login="niemand"),
                await enter(browser, "", login="", password=""),
            ]
        assert {answer.status_code for answer in answers} == {422}
        pages = {re.sub(r'name="login" type="text" value="[^"]*"', "", answer.text) for answer in answers}
        assert len(pages) == 1

    async def test_guessing_becomes_slow_but_never_locks(self, hub: Hub, clock: Clock) -> None:
        async with hub.browser("moderator") as browser:
            _secret, codes = await set_up(browser, clock)
        async with hub.browser() as browser:
            for login in ("mo derator", "niemand"):  # whether there is such an account or not
                for _try in range(5):
                    assert (await enter(browser, "000000", login=login, password="falsch")).status_code == 422
                waits = await enter(browser, "000000", login=login, password="falsch")
                assert (waits.status_code, waits.headers["retry-after"]) == (429, "11")
            # The right one has to wait as well, but not longer than it was told.
            assert (await enter(browser, codes[0])).status_code == 429
            clock.forward(seconds=11)
            assert (await enter(browser, codes[0])).status_code == 303

    async def test_who_came_by_a_link_steps_up(self, hub: Hub, clock: Clock) -> None:
        async with hub.browser("moderator") as browser:
            secret, _codes = await set_up(browser, clock)
        clock.forward(minutes=1)
        async with hub.browser() as browser:
            await browser.post(await link_for(hub, "moderator"))
            before = browser.cookies[COOKIE]
            form = {"password": PASSWORD, "weiter": "/pruefung"}
            wrong = await browser.post("/anmelden/bestaetigen", data={**form, "code": "000000"})
            assert wrong.status_code == 422
            right = await browser.post("/anmelden/bestaetigen", data={**form, "code": code_now(secret, clock)})
            assert (right.status_code, right.headers["location"]) == (303, "/pruefung")
            assert browser.cookies[COOKIE] != before
            assert (await browser.get("/pruefung")).status_code == 200

    @pytest.mark.parametrize(
        "way", ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:1", "/\n/x"]
    )
    async def test_it_leads_to_no_other_site(self, hub: Hub, way: str) -> None:
        async with hub.browser("member") as browser:
            answer = await browser.get("/anmelden", params={"weiter": way})
            assert (answer.status_code, answer.headers["location"]) == (303, "/")
