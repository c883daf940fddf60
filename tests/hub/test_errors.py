"""What goes wrong: a page for people, JSON for programs, and no word of anybody's in the log."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from sqlalchemy.engine import make_url
from starlette.types import Message, Scope
from structlog.contextvars import merge_contextvars
from structlog.testing import capture_logs

from knowledge.kit.database import Database
from knowledge.kit.language import choose_language
from tests.hub.probes import SECRET, Probes, add_probes
from tests.hub.signed_in import Hub, open_hub

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
async def door_to(port: int, *, own: int) -> AsyncIterator[int]:
    """Let connections to a port of our own through to another port."""

    async def carry(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        while chunk := await source.read(65536):
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
