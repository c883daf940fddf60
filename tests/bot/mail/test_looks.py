"""A mail as its reader sees it: in a narrow window as in a wide one, light and dark, and for those who listen."""

from typing import TYPE_CHECKING, Any, Literal
from uuid import uuid4

import pytest
from axe_playwright_python.base import AXE_SCRIPT

from bot.core.messages import Choice, Outgoing, Place
from bot.core.text import bold, heading, item, link, note, paragraph, quote, rich
from bot.mail.composing import Composer
from knowledge.kit.settings import load_settings
from knowledge.models.chat import ChatKind, Network
from tests.bot.mail.post_office import set_up_mail
from tests.bot.mail.test_composing import ENTRY, TOKENS
from tests.browser import DESKTOP, NARROW, opened

if TYPE_CHECKING:
    from playwright.async_api import Browser

COLOURS: tuple[Literal["light", "dark"], ...] = ("light", "dark")
pytestmark = pytest.mark.asyncio(loop_scope="session")
# In the dark the browser chooses both colours by itself, which axe-core does not see: it takes the page for white.
OPTIONS = {"light": "{}", "dark": '{rules: {"color-contrast": {enabled: false}}}'}
TEXT = rich(
    paragraph(bold("Ihre Frage wurde beantwortet.")),
    heading("Wer hat Erfahrung mit der Erfassung von Straßenschäden?"),
    quote("Wir haben das 2025 gemacht.\nGern mehr dazu."),
    item("Kosten: 14.800 Euro"),
    item("Straßenzustandserfassungsfahrzeugbeschaffungsrichtlinie" * 2),
    paragraph("Mehr in ", link("der Anleitung", "https://hub.test/dokument/1"), "."),
    note("Automatisch zusammengestellt."),
)


class TestShown:
    async def test_it_fits_and_can_be_read(self, chromium: "Browser", monkeypatch: pytest.MonkeyPatch) -> None:
        set_up_mail(monkeypatch, 25)
        choices = (Choice("a:1", "Antwort lesen", address="https://hub.test/fragen/1"),)
        message = Outgoing(
            Place(Network.MAIL, ENTRY.address, ChatKind.DIRECT), TEXT, choices, about="question.answered"
        )
        html = Composer(load_settings(), TOKENS).compose(message, uuid4().hex, ENTRY).html or ""
        fetched: list[str] = []
        for size in (NARROW, DESKTOP):
            async with opened(chromium, size) as page:
                page.on("request", lambda request: fetched.append(request.url))
                for colours in COLOURS:
                    await page.emulate_media(color_scheme=colours)
                    await page.set_content(html)
                    root = "document.documentElement"
                    assert await page.evaluate(f"{root}.scrollWidth <= {root}.clientWidth"), (size, colours)
                    result: dict[str, Any] = await page.evaluate(f"{AXE_SCRIPT}; axe.run(document, {OPTIONS[colours]})")
                    assert result["passes"], "axe-core looked at nothing"
                    assert [found["id"] for found in result["violations"]] == [], (size, colours)
        assert fetched == []
