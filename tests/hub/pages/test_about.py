"""The pages about Allmende say what is set and what the program does, and hide nothing that is missing."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from html import unescape

import pytest

from hub.pages.about import cookies, lasting
from knowledge.about.operator import NEEDED
from knowledge.kit.language import choose_language
from knowledge.kit.settings import PROJECT, load_settings
from knowledge.models.document import Kind, Visibility
from tests.hub.pages.library_world import take_in
from tests.hub.signed_in import HOUSE, Hub

PAGES = ("/ueber", "/datenschutz", "/barrierefreiheit", "/impressum", "/leichte-sprache")
NOT_STATED = "The operator has not stated everything yet"
NAMING, NAME = re.compile(r"^[\w, ]*COOKIE[\w, ]* = .*$", re.MULTILINE), re.compile(r'"(allmende_\w+)"')
Set = Callable[..., None]


@pytest.fixture
def let(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> Set:
    """Lets the hub run with other settings."""

    def let(**values: str) -> None:
        for name, value in values.items():
            monkeypatch.setenv(name, value)
        hub.app.state.services = replace(hub.app.state.services, settings=load_settings())

    return let


async def read(hub: Hub, path: str, who: str | None = None) -> str:
    """Return a page's words on one line, as a person reads them."""
    async with hub.browser(who) as browser:
        answer = await browser.get(path)
    assert answer.status_code == 200
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", answer.text)).split())


class TestBottomOfEveryPage:
    async def test_leads_to_all_of_them(self, hub: Hub) -> None:
        async with hub.browser() as browser:
            start = await browser.get("/")
            seen = [(await browser.get(path)).status_code for path in PAGES]
        assert [path for path in PAGES if f'href="{path}"' not in start.text] == []
        assert seen == [200] * len(PAGES)


class TestOperator:
    async def test_what_is_missing_is_said_plainly_and_only_administrators_read_how_to_set_it(self, hub: Hub) -> None:
        for path in PAGES[:4]:
            seen = {who: await read(hub, path, who) for who in (None, "member", "administrator")}
            assert NOT_STATED in seen[None]
            assert NOT_STATED in seen["member"]
            assert "ALLMENDE_OPERATOR" not in seen["member"]
            assert [name for name in NEEDED.values() if name not in seen["administrator"]] == []

    async def test_what_is_set_stands_there(self, hub: Hub, let: Set) -> None:
        let(**{name: f"Angabe {number}" for number, name in enumerate(NEEDED.values())})
        imprint, privacy = await read(hub, "/impressum"), await read(hub, "/datenschutz")
        accessibility, easy = await read(hub, "/barrierefreiheit"), await read(hub, "/leichte-sprache")
        said = " ".join([imprint, privacy, accessibility])
        assert NOT_STATED not in said
        assert [number for number in range(len(NEEDED)) if f"Angabe {number}" not in said] == []
        assert "Angabe 0" in easy

    async def test_the_lines_for_the_chat_stand_in(self, hub: Hub, let: Set) -> None:
        let(ALLMENDE_OPERATOR="Amt Musterland", ALLMENDE_OPERATOR_CONTACT="post@musterland.example")
        imprint = await read(hub, "/impressum")
        assert "Name Amt Musterland" in imprint
        assert "E-mail post@musterland.example" in imprint


class TestAbout:
    async def test_the_library_is_counted_from_three_on_and_as_its_reader_may_find_it(self, hub: Hub) -> None:
        for number in range(3):
            await take_in(hub, f"offen-{number}.md", f"Text {number}.", organisation=HOUSE, kind=Kind.EXPERIENCE)
        await take_in(hub, "schulung.md", "Noch ein Text.", kind=Kind.TRAINING)
        for number in range(4):
            await take_in(hub, f"netz-{number}.md", f"Satz {number}.", visibility=Visibility.NETWORK)
        unknown, member = await read(hub, "/ueber"), await read(hub, "/ueber", "member")
        assert "Experience 3" in unknown
        assert "Training fewer than three" in unknown
        assert f"{HOUSE.title()} 3" in unknown
        assert "Literature" not in unknown
        assert "Literature 4" in member

    async def test_the_model_is_the_one_that_is_set(self, hub: Hub, let: Set) -> None:
        let(ALLMENDE_EMBEDDING_MODEL="none")
        assert "None: words alone are searched here" in await read(hub, "/ueber")
        let(ALLMENDE_EMBEDDING_MODEL="/srv/modelle/e5-klein/")
        assert "e5-klein turns passages and questions into numbers" in await read(hub, "/ueber")

    async def test_networks_are_those_that_are_on(self, hub: Hub, let: Set) -> None:
        let(ALLMENDE_MATRIX_HOMESERVER="https://matrix.musterland.example:8448")
        before = await read(hub, "/datenschutz")
        assert "On Matrix, by the server matrix.musterland.example." in before
        assert "Allmende itself sends nothing to other countries" in before
        let(ALLMENDE_TELEGRAM_TOKEN="1:geheim")
        after = await read(hub, "/datenschutz")
        assert "Telegram is a foreign house" in after
        assert "Allmende itself sends nothing" not in after
        assert "The company can read there." in await read(hub, "/leichte-sprache")


class TestPrivacy:
    async def test_periods_are_those_that_are_set(self, hub: Hub, let: Set) -> None:
        let(ALLMENDE_CHAT_THREAD_DAYS="9", ALLMENDE_HUB_IDLE_HOURS="3")
        page = await read(hub, "/datenschutz")
        assert "9 days : that you asked a question" in page
        assert "what links the two ends after 9 days" in page
        assert "3 hours : a session that nobody uses" in page

    def test_all_cookies_are_named(self) -> None:
        sources = [path.read_text("utf-8") for path in sorted((PROJECT / "hub").rglob("*.py"))]
        used = {name for source in sources for line in NAMING.findall(source) for name in NAME.findall(line)}
        assert len(used) > 3
        assert used == {cookie.name for cookie in cookies(load_settings())}

    @pytest.mark.parametrize(
        ("period", "said"),
        [
            (timedelta(minutes=1), "1 minute"),
            (timedelta(minutes=15), "15 minutes"),
            (timedelta(hours=1), "1 hour"),
            (timedelta(days=1), "1 day"),
            (timedelta(days=730), "730 days"),
            (timedelta(days=1095), "3 years"),
        ],
    )
    def test_a_period_is_said_in_words(self, period: timedelta, said: str) -> None:
        choose_language("en")
        assert lasting(period) == said


class TestEasyLanguage:
    @pytest.mark.parametrize("language", ["de", "en"])
    async def test_each_sentence_is_short(self, hub: Hub, language: str) -> None:
        async with hub.browser(language=language) as browser:
            page = (await browser.get("/leichte-sprache")).text
        main = page.partition("<main")[2].partition("</main>")[0]
        lines = [unescape(line) for line in re.findall(r"<(?:p|li)>([^<]+)</(?:p|li)>", main)]
        assert len(lines) > 30
        assert [line for line in lines if len(line.split()) > 12] == []
        # One statement each: no sentence within a sentence.
        assert [line for line in lines if line.count(",") > 1 or ";" in line or "(" in line] == []
