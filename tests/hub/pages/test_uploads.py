"""Uploading: many files at once, each with its own result, judged by what is in it."""

from io import BytesIO
from typing import Any
from zipfile import ZipFile

from httpx import AsyncByteStream, AsyncClient, Response
from sqlalchemy import select

from knowledge.models.audit import AuditEntry
from knowledge.models.document import Document, Visibility
from tests.hub.pages.library_world import fields_of, hidden, stored, take_in
from tests.hub.signed_in import Hub

UPLOAD = "/bibliothek/hochladen"
Files = list[tuple[str, tuple[str, bytes, str]]]


def text(name: str, content: str, kind: str = "text/markdown") -> tuple[str, tuple[str, bytes, str]]:
    return "files", (name, content.encode(), kind)


async def send(browser: AsyncClient, files: Files, *, json: bool = False, **values: str) -> Response:
    """Choose files on the page, change fields of its form, and send it."""
    page = await browser.get(UPLOAD)
    form = {name: value for name, value in fields_of(page, UPLOAD).items() if name != "files"}
    headers = {"Accept": "application/json"} if json else {}
    return await browser.post(UPLOAD, data={**form, **values}, files=files, headers=headers)


async def documents(hub: Hub) -> dict[str, Document]:
    async with hub.database.session(writes=False) as session:
        return {document.source: document for document in await session.scalars(select(Document))}


class TestManyFiles:
    async def test_each_has_its_own_result_and_bad_ones_cost_no_other(self, hub: Hub) -> None:
        zipped = BytesIO()
        with ZipFile(zipped, "w") as archive:
            archive.writestr("evil.sh", "rm")
        script = "<script>alert(1)</script>.md"
        files: Files = [
            text("gut.md", "# Gut\n\nEin Satz über Drohnen steht hier.", "application/pdf"),
            text("../../kein/ordner.txt", "Noch ein ganz anderer Satz, der bleibt."),
            # What is inside counts, not what a name or a browser says.
            text("doch-text.pdf", "Das ist kein PDF, sondern Text."),
            ("files", ("kaputt.pdf", b"\x00\x01\x02\x03", "application/pdf")),
            ("files", ("archiv.docx", zipped.getvalue(), "text/plain")),
            ("files", ("leer.md", b"", "text/markdown")),
            ("files", ("programm.exe", b"MZ\x00\x01", "text/markdown")),
            text(script, "# Böse\n\nMit einem Namen aus Zeichen."),
        ]
        async with hub.browser("publisher") as browser:
            first = await send(browser, files, topics="Drohnen", visibility="public")
            files[1] = text("ordner.txt", "Ein Satz, der sich geändert hat.")
            again = await send(browser, files[:2])
        found = await documents(hub)
        assert found.keys() == {"gut.md", "ordner.txt", "doch-text.pdf", "script>.md"}
        assert "4 taken, 4 not." in first.text
        assert "<script>alert" not in first.text
        assert "unchanged" in again.text
        assert "new version" in again.text
        gut = found["gut.md"]
        assert (gut.title, gut.topics, gut.visibility) == ("Gut", ["Drohnen"], Visibility.PUBLIC)
        house = hub.people["publisher"].organisation_id
        assert house is not None
        assert gut.added_by == f"organisation:{house.hex}"
        async with hub.browser() as browser:
            assert "<dd>Lindenau</dd>" in (await browser.get(f"/dokument/{gut.id}")).text
        async with hub.database.session(writes=False) as session:
            acts = (await session.scalars(select(AuditEntry.action))).all()
        assert list(acts) == ["library:upload"] * 5

    async def test_one_by_one_as_the_script_sends_them(self, hub: Hub) -> None:
        async with hub.browser("publisher") as browser:
            good = await send(browser, [text("a.md", "Ein Satz.")], json=True)
            bad = await send(browser, [text("a.xyz", "Ein Satz.")], json=True)
            wrong = await send(browser, [text("b.md", "Ein Satz.")], json=True, year="nie")
        key = (await documents(hub))["a.md"].id
        assert (good.status_code, good.json()["message"], good.json()["href"]) == (200, "new", f"/bibliothek/{key}")
        assert (bad.status_code, bad.json()["href"]) == (422, None)
        assert (wrong.status_code, wrong.json()["detail"]) == (422, "Please give a year in four digits.")

    async def test_what_others_have_is_neither_replaced_nor_given_away(self, hub: Hub) -> None:
        said: dict[str, Any] = {"visibility": Visibility.HOUSE, "organisation": "gruenau", "title": "Geheim"}
        words = "Die Gemeinde hat eine Drohne gekauft und damit alle Dächer vermessen, was gut gelungen ist."
        other = await take_in(hub, "bericht.md", words, **said)
        async with hub.browser("publisher") as browser:
            for _twice in range(2):
                sent = await send(browser, [text("bericht.md", words)])
                assert "1 taken" in sent.text
                assert "Geheim" not in sent.text
                assert "same text" not in sent.text
            out = await send(browser, [text("c.md", words)], visibility="house", organisation="gruenau")
            assert "0 taken, 1 not." in out.text
        assert len(await documents(hub)) == 2
        assert (await stored(hub, other)).version == 1

    async def test_a_form_that_cannot_be_right_takes_nothing(self, hub: Hub) -> None:
        async with hub.browser("publisher") as browser:
            sent = await send(browser, [text("a.md", "Ein Satz.")], visibility="circle", publisher="Bleibt stehen")
            none = await browser.post(UPLOAD, data={"form_key": hidden(await browser.get(UPLOAD), "form_key")})
        assert (sent.status_code, none.status_code) == (422, 422)
        assert "Bleibt stehen" in sent.text
        assert await documents(hub) == {}


class TestCutConnection:
    async def test_what_was_finished_is_kept_and_the_rest_can_be_sent_again(self, hub: Hub) -> None:
        files: Files = [text(f"{number}.md", f"Satz Nummer {number}.") for number in range(6)]
        async with hub.browser("publisher") as browser:
            for file in files[:2]:
                await send(browser, [file], json=True)
            await cut_off(hub, browser)
            assert (await documents(hub)).keys() == {"0.md", "1.md"}
            rest = await send(browser, files)
        assert "6 taken, 0 not." in rest.text
        assert rest.text.count("unchanged") == 2
        assert len(await documents(hub)) == 6


async def cut_off(hub: Hub, browser: AsyncClient) -> None:
    """Begin to send files and lose the connection in the middle of one."""
    request = browser.build_request("POST", UPLOAD, files=[text("2.md", "Satz Nummer 2."), text("3.md", "x" * 9000)])
    assert isinstance(request.stream, AsyncByteStream)
    body = b"".join([part async for part in request.stream])
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "POST",
        "scheme": "http",
        "path": UPLOAD,
        "raw_path": UPLOAD.encode(),
        "query_string": b"",
        "root_path": "",
        "headers": [(name.lower(), value) for name, value in request.headers.raw],
        "server": ("hub.test", 80),
        "client": ("127.0.0.1", 1),
    }
    messages = iter([{"type": "http.request", "body": body[:3000], "more_body": True}, {"type": "http.disconnect"}])

    async def receive() -> Any:
        return next(messages, {"type": "http.disconnect"})

    async def nobody_hears(_message: Any) -> None:
        """Drop what is answered into the void."""

    await hub.app(scope, receive, nobody_hears)
