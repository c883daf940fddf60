"""What goes wrong: a page for people, JSON for programs, and no word of anybody's in the log."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from httpx import ASGITransport, AsyncClient
from sqlalchemy.engine import make_url
from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send
from structlog.contextvars import merge_contextvars
from structlog.testing import capture_logs

from hub.security.patience import Patience
from knowledge.kit.database import Database
from knowledge.kit.language import choose_language
from tests.hub.probes import SECRET, Probes, add_probes
from tests.hub.signed_in import ADDRESS, Hub, open_hub

JSON = {"Accept": "application/json"}


@pytest.fixture(autouse=True)
def probes(hub: Hub) -> Probes:
    return add_probes(hub)


class TestPages:
    async def test_an_unknown_address_helps_on_in_the_readers_language(self, hub: Hub) -> None:
        for language, words in (("en", "Not found"), ("de", "Suche")):
            async with hub.browser(language=language) as browser:
                page = await browser.get("/gibt/es/nicht")
            assert page.status_code == 404
            assert 'action="/suche"' in page.text
            assert 'href="/anmelden"' in page.text
            assert f'<html lang="{language}"' in page.text
            assert words in page.text or language == "de"

    @pytest.mark.parametrize(
        ("path", "status", "code"),
        [
            ("/nichts", 404, "hub.page_not_found"),
            ("/probe/fails/known", 404, "not_found"),
            ("/probe/fails/conflict", 409, "conflict"),
            ("/probe/number/eins", 404, "hub.page_not_found"),
            ("/konto", 401, "access.sign_in_needed"),
            ("/probe/fails/otherwise", 500, "hub.http_500"),
        ],
    )
    async def test_programs_get_json(self, hub: Hub, path: str, status: int, code: str) -> None:
        async with hub.browser() as browser:
            answer = await browser.get(path, headers=JSON)
        assert answer.headers["content-type"] == "application/problem+json"
        body = answer.json()
        assert (answer.status_code, body["status"], body["code"]) == (status, status, code)
        assert body["request_id"] == answer.headers["x-request-id"]
        assert body.keys() == {"type", "title", "status", "detail", "code", "request_id", "instance"}
        assert SECRET not in answer.text

    async def test_a_form_with_something_missing_is_said_to_be(self, hub: Hub) -> None:
        async with hub.browser("moderator") as browser:
            answer = await browser.post("/probe/form", data={"form_key": "x"})
        assert answer.status_code == 422
        assert "Something is missing in this form" in answer.text

    async def test_other_methods_are_refused_with_what_there_is(self, hub: Hub) -> None:
        async with hub.browser() as browser:
            assert (await browser.get("/probe/form")).headers["allow"] == "OPTIONS, POST"
            deleted = await browser.delete("/")
            assert (deleted.status_code, deleted.headers["allow"]) == (405, "GET, HEAD, OPTIONS")
            head, page = await browser.head("/"), await browser.get("/")
            assert (head.status_code, head.content) == (200, b"")
            assert head.headers["content-length"] == str(len(page.content))
            options = await browser.request("OPTIONS", "/anmelden")
            assert (options.status_code, options.headers["allow"]) == (204, "GET, HEAD, OPTIONS, POST")
            assert (await browser.request("OPTIONS", "/nichts")).status_code == 404

    async def test_the_log_of_the_unexpected_has_places_but_no_words(self, hub: Hub) -> None:
        async with hub.browser() as browser:
            with capture_logs([merge_contextvars]) as events:
                page = await browser.get("/probe/fails/otherwise")
        (event,) = events
        assert page.status_code == 500
        assert page.headers["x-request-id"] in page.text
        assert (event["event"], event["error"]) == ("request_failed", "ValueError")
        assert event["request"] == page.headers["x-request-id"]
        assert any(step.startswith("probes.py:") for step in event["steps"])
        assert SECRET not in str(events) + page.text

    async def test_a_connection_that_ends_in_the_middle_changes_nothing(self, hub: Hub, probes: Probes) -> None:
        token = await hub.sign_in("moderator")
        parts: list[Message] = [{"type": "http.disconnect"}]
        parts.append({"type": "http.request", "body": b"text=ha", "more_body": True})
        headers = [(b"content-type", b"application/x-www-form-urlencoded"), (b"content-length", b"100")]
        headers.append((b"cookie", f"allmende_session={token}".encode()))
        scope: Scope = {"type": "http", "method": "POST", "path": "/probe/form", "raw_path": b"/probe/form"}
        scope.update(query_string=b"", headers=headers, client=("127.0.0.1", 1), server=("hub.test", 80), scheme="http")
        sent: list[Message] = []

        async def receive() -> Message:
            return parts.pop()

        async def send(message: Message) -> None:
            sent.append(message)

        await hub.app({**scope, "root_path": "", "http_version": "1.1"}, receive, send)
        assert probes.texts == []
        assert sent == [] or sent[0]["status"] == 400


@asynccontextmanager
async def door_to(port: int, *, own: int, opened: asyncio.Event | None = None) -> AsyncIterator[int]:
    """Let connections to a port of our own through to another port, while ``opened`` is set."""

    async def carry(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        while chunk := await source.read(65536):
            if opened is not None:
                await opened.wait()
            target.write(chunk)
            await target.drain()
        target.close()

    async def through(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        inner_reader, inner_writer = await asyncio.open_connection("127.0.0.1", port)
        open_doors.add(writer)
        open_doors.add(inner_writer)
        await asyncio.gather(carry(reader, inner_writer), carry(inner_reader, writer), return_exceptions=True)

    open_doors: set[asyncio.StreamWriter] = set()
    server = await asyncio.start_server(through, "127.0.0.1", own)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for writer in open_doors:
            writer.close()
        await server.wait_closed()


class TestDatabaseAway:
    @pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
    async def test_a_clear_page_and_then_on(self, database_url: str) -> None:
        url = make_url(database_url)
        assert url.port is not None
        async with door_to(url.port, own=0) as own:
            database = Database(url.set(port=own).render_as_string(hide_password=False))
            hub = await open_hub(database)
            add_probes(hub)
            async with hub.browser("member") as browser:
                assert (await browser.get("/konto")).status_code == 200
                cookies = dict(browser.cookies)
        async with hub.browser() as browser:
            browser.cookies.update(cookies)
            for path in ("/", "/konto", "/probe/members"):
                away = await browser.get(path)
                assert (away.status_code, away.headers["retry-after"]) == (503, "10")
                assert "back in a moment" in away.text
            posted = await browser.post("/anmelden", data={"login": "x", "password": "y", "code": "z"})
            assert posted.status_code == 503
            assert (await browser.get("/", headers=JSON)).json()["code"] == "hub.database_away"
            async with door_to(url.port, own=own):
                assert (await browser.get("/konto")).status_code == 200
                assert (await browser.get("/probe/members")).status_code == 200
                await database.close()
        choose_language("de")

    @pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
    async def test_one_that_says_nothing_is_waited_for_only_so_long(self, database_url: str) -> None:
        url, opened = make_url(database_url), asyncio.Event()
        assert url.port is not None
        opened.set()
        async with door_to(url.port, own=0, opened=opened) as own:
            database = Database(url.set(port=own).render_as_string(hide_password=False))
            hub = await open_hub(database)
            add_probes(hub)
            transport = ASGITransport(app=Patience(hub.app, seconds=0.5))
            async with AsyncClient(transport=transport, base_url=ADDRESS) as browser:
                assert (await browser.get("/probe/members")).status_code == 200
                opened.clear()
                with capture_logs() as events:
                    page = await browser.get("/probe/members", headers={"Accept": "text/html"})
                assert (page.status_code, page.headers["retry-after"]) == (503, "10")
                assert "<h1" in page.text
                assert [event["event"] for event in events] == ["request_given_up"]
                assert (await browser.get("/probe/members", headers=JSON)).json()["code"] == "hub.database_away"
                opened.set()
                assert (await browser.get("/probe/members")).status_code == 200
            await database.close()
        choose_language("de")


class TestPatience:
    async def test_an_answer_that_has_begun_goes_on_to_its_end(self) -> None:
        async def slow(_scope: Scope, _receive: Receive, send: Send) -> None:
            await send({"type": "http.response.start", "status": 200, "headers": []})
            await asyncio.sleep(0.05)
            await send({"type": "http.response.body", "body": b"the end"})

        async with AsyncClient(transport=ASGITransport(app=Patience(slow, seconds=0.01)), base_url=ADDRESS) as browser:
            assert (await browser.get("/")).text == "the end"

    async def test_what_changes_something_is_waited_for(self) -> None:
        async def slow(scope: Scope, receive: Receive, send: Send) -> None:
            await asyncio.sleep(0.05)
            await Response(scope["method"])(scope, receive, send)

        async with AsyncClient(transport=ASGITransport(app=Patience(slow, seconds=0.01)), base_url=ADDRESS) as browser:
            assert (await browser.post("/")).text == "POST"

    async def test_whoever_goes_away_ends_what_was_done_for_them(self) -> None:
        ended = asyncio.Event()

        async def endless(_scope: Scope, _receive: Receive, _send: Send) -> None:
            try:
                await asyncio.Event().wait()
            finally:
                ended.set()

        async with AsyncClient(transport=ASGITransport(app=Patience(endless)), base_url=ADDRESS) as browser:
            asking = asyncio.create_task(browser.get("/"))
            await asyncio.sleep(0.01)
            asking.cancel()
            await asyncio.wait_for(ended.wait(), 5)
