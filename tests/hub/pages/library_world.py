"""Documents for tests of the library's pages: taken in as from files, and indexed where a test searches."""

import hashlib
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from html import unescape
from typing import Any
from uuid import UUID

from httpx import AsyncClient, Response

from knowledge.kit.settings import AnswerSettings, load_settings
from knowledge.library.answers.service import AnswerService
from knowledge.library.files.blocks import Block, ParsedFile
from knowledge.library.indexes.owner import IndexOwner
from knowledge.library.schemas import Description
from knowledge.library.service import IncomingFile, LibraryService
from knowledge.models.document import Document, Kind, Rights, Visibility
from tests.hub.signed_in import Hub

TEXT = ("Die Stadt hat eine Drohne gekauft.", "Die Drohne hat 8.400 Euro gekostet, die Schulung 1.200 Euro.")


async def take_in(hub: Hub, source: str, *texts: str, **said: Any) -> UUID:
    """Take in a document of one heading and some paragraphs; again with the same source, a new version."""
    texts = texts or TEXT
    blocks = (Block("heading", "Bericht", level=2), *(Block("paragraph", text) for text in texts))
    parsed = ParsedFile(blocks, None, {}, "text/markdown")
    size = sum(map(len, texts))
    file = IncomingFile(source, hashlib.sha256("\n".join(texts).encode()).hexdigest(), size, parsed)
    values = {"kind": Kind.LITERATURE, "visibility": Visibility.PUBLIC, "rights": Rights.FULL} | said
    async with hub.writing() as unit:
        library = LibraryService(unit)
        await library.take_in(file, Description(**values))
        return (await library.find_document(source)).id


async def stored(hub: Hub, key: UUID) -> Document:
    """Return a document as it is now."""
    async with hub.database.session(writes=False) as session:
        found = await session.get(Document, key)
        assert found is not None
        return found


@asynccontextmanager
async def searching(hub: Hub, *, line: float = 0.0) -> AsyncIterator[None]:
    """Index what is there, and let the hub's pages search it; with the line at 0, everything is answered."""
    known = load_settings()
    settings = replace(known, embedding=known.embedding.model_copy(update={"embedding_model": "none"}))
    owner = await IndexOwner.open(settings, hub.database, lambda _said: None)
    await owner.follow_words()
    answers = AnswerService(hub.database, owner, AnswerSettings(answer_line=line))
    hub.app.state.services = replace(hub.app.state.services, answers=answers)
    try:
        yield
    finally:
        await owner.close()


def hidden(page: Response, name: str) -> str:
    """Return the value of a hidden field."""
    found = re.search(rf'name="{name}" value="([^"]*)"', page.text)
    assert found, f"no field {name}"
    return unescape(found[1])


def fields_of(page: Response, action: str) -> dict[str, str]:
    """Return what the form with this address is filled with, as a browser would send it."""
    form = re.search(rf'<form action="{re.escape(action)}" method="post".*?</form>', page.text, re.DOTALL)
    assert form, f"no form {action}"
    values = {}
    for tag in re.findall(r"<input [^>]*>", form[0]):
        name, value = (re.search(rf'{part}="([^"]*)"', tag) for part in ("name", "value"))
        if name and 'type="checkbox"' not in tag and 'type="file"' not in tag:
            values[name[1]] = unescape(value[1]) if value else ""
    for name, options in re.findall(r'<select [^>]*name="([^"]*)"[^>]*>(.*?)</select>', form[0], re.DOTALL):
        chosen = re.search(r'<option value="([^"]*)" selected', options)
        values[name] = unescape(chosen[1]) if chosen else ""
    for name, text in re.findall(r'<textarea [^>]*name="([^"]*)"[^>]*>\n(.*?)</textarea>', form[0], re.DOTALL):
        values[name] = unescape(text)
    return values


async def change(browser: AsyncClient, address: str, action: str, **values: str) -> Response:
    """Open a page, change fields of the form with this action, and send it."""
    page = await browser.get(address)
    assert page.status_code == 200, page.text
    return await browser.post(action, data={**fields_of(page, action), **values})
