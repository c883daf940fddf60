"""Do the figures reach whoever may see them, as pictures, tables and files, and say nothing else?"""

import csv
import re
from collections.abc import AsyncIterator, Mapping
from datetime import timedelta
from io import StringIO

import pytest
import pytest_asyncio
from httpx import AsyncClient

from hub.plots.catalogue import KINDS, Area
from hub.plots.drawing import draw
from knowledge.figures.closing import SETTLING, count_figures
from knowledge.figures.months import add_months, begins, month_of
from knowledge.figures.repository import FigureRepository
from knowledge.figures.schemas import COUNT, NO, REST, YES, Period, Series
from knowledge.kit.clock import today
from knowledge.models.topic import Topic, TopicKind
from tests.hub.signed_in import Hub
from tests.knowledge.figures.world import DAY, World

STEERING = ("veroeffentlichung", "warteschlange")
HEAVIEST = 100_000


async def keep(hub: Hub, series: Series, *counts: Mapping[str, float], scope: str = "") -> None:
    """Write sums of the last months, the last one last."""
    month = month_of(today())
    async with hub.writing() as unit:
        for back, values in enumerate(reversed(counts), 1):
            period = Period(add_months(month, -back), add_months(month, 1 - back), values)
            assert await FigureRepository(unit.session).write(series, period, scope)


def table(content: bytes) -> list[list[str]]:
    """Read a file as a spreadsheet does."""
    return list(csv.reader(StringIO(content.decode("utf-8-sig")), delimiter=";"))


@pytest_asyncio.fixture
async def member(hub: Hub) -> AsyncIterator[AsyncClient]:
    """A member's browser."""
    async with hub.browser("member") as browser:
        yield browser


class TestWho:
    async def test_visitors_are_asked_to_sign_in(self, hub: Hub) -> None:
        await keep(hub, Series.QUESTIONS, {COUNT: 3})
        async with hub.browser() as browser:
            for address in ("/zahlen", "/zahlen/fragen.svg", "/zahlen/fragen.csv"):
                assert (await browser.get(address)).status_code == 303, address

    async def test_members_see_what_the_network_does_but_not_the_work_of_the_few_who_review(
        self, hub: Hub, member: AsyncClient
    ) -> None:
        for series in (Series.QUESTIONS, Series.QUEUE, Series.PUBLICATION):
            await keep(hub, series, {COUNT: 3, "days": 5})
        assert (await member.get("/zahlen/fragen.svg")).status_code == 200
        for name in STEERING:
            for ending in ("svg", "csv"):
                assert (await member.get(f"/zahlen/{name}.{ending}")).status_code == 404
        page = (await member.get(f"/zahlen?bereich={Area.REVIEW}")).text
        assert not any(name in page for name in STEERING)
        assert 'id="fragen"' in page

    @pytest.mark.parametrize("who", ["moderator", "publisher", "administrator"])
    async def test_those_who_steer_see_all(self, hub: Hub, who: str) -> None:
        await keep(hub, Series.QUEUE, {COUNT: 3, "days": 5})
        async with hub.browser(who) as browser:
            assert (await browser.get("/zahlen/warteschlange.svg")).status_code == 200
            assert 'src="/zahlen/warteschlange.svg"' in (await browser.get("/zahlen?bereich=pruefung")).text

    async def test_everybody_sees_the_sums_of_their_own_house_only(self, hub: Hub) -> None:
        house = hub.people["neighbour"].organisation_id
        await keep(hub, Series.LESSONS, {COUNT: 4711}, scope=str(house))
        async with hub.browser("neighbour") as browser:
            assert "4,711" in (await browser.get("/zahlen?bereich=kommune")).text
        for who in ("member", "administrator"):
            async with hub.browser(who) as browser:
                assert "4,711" not in (await browser.get("/zahlen?bereich=kommune")).text
                assert b"4711" not in (await browser.get("/zahlen/eigene-lernhaeppchen.csv")).content
                assert (await browser.get("/zahlen/eigene-lernhaeppchen.svg")).status_code == 404

    async def test_what_is_not_there_is_not_found(self, member: AsyncClient) -> None:
        for name in ("nichts.svg", "nichts.csv", "fragen.svg", "../fragen.svg"):
            assert (await member.get(f"/zahlen/{name}")).status_code == 404


class TestPage:
    async def test_says_honestly_that_there_is_too_little(self, hub: Hub) -> None:
        await keep(hub, Series.QUESTIONS, {COUNT: 0})
        async with hub.browser("administrator") as browser:
            for area in Area:
                page = (await browser.get(f"/zahlen?bereich={area}")).text
                assert page.count("Still too little to show anything.") == sum(kind.area is area for kind in KINDS)
                assert "<picture>" not in page

    async def test_each_plot_has_a_picture_with_words_a_table_and_a_file(self, hub: Hub, member: AsyncClient) -> None:
        await keep(hub, Series.QUESTIONS, {COUNT: 1234}, {COUNT: 5})
        page = (await member.get("/zahlen")).text
        assert re.search(r'<img src="/zahlen/fragen.svg" alt="Questions: a plot', page)
        assert '<td class="number">1,234</td>' in page
        assert 'href="/zahlen/fragen.csv"' in page
        assert "<script" not in page.split("<main")[1]

    async def test_dark_pages_get_dark_pictures_and_phones_narrow_ones(self, hub: Hub, member: AsyncClient) -> None:
        await keep(hub, Series.QUESTIONS, {COUNT: 5})
        left, light, dark = [(await member.get(f"/zahlen?farben={each}")).text for each in ("auto", "hell", "dunkel")]
        assert "(prefers-color-scheme: dark)" in left
        assert "dunkel=1&amp;schmal=1" in left
        assert "dunkel=1" not in light
        assert "prefers-color-scheme" not in dark
        assert "dunkel=1" in dark
        assert all("max-width: 35.99rem" in page for page in (left, light, dark))

    async def test_a_year_is_the_same_on_page_picture_and_file(self, hub: Hub, member: AsyncClient) -> None:
        await keep(hub, Series.QUESTIONS, *({COUNT: 100 + number} for number in range(26)))
        year = today().year - 1
        page = (await member.get(f"/zahlen?zeitraum={year}")).text
        assert f'src="/zahlen/fragen.svg?zeitraum={year}"' in page
        rows = table((await member.get(f"/zahlen/fragen.csv?zeitraum={year}")).content)[1:]
        assert len(rows) == 12
        assert all(f'<td class="number">{row[2]}</td>' in page for row in rows)
        for odd in ("1999", "x", "-1", "2026-01"):
            assert (await member.get(f"/zahlen?zeitraum={odd}")).status_code == 200

    async def test_a_page_with_all_its_pictures_is_light(self, hub: Hub) -> None:
        async with hub.writing() as unit:
            topics = [Topic(key=f"t{n}", kind=TopicKind.FIELD, name_de=f"Thema {n}", name_en="T") for n in range(8)]
            unit.session.add_all(topics)
            await unit.session.flush()
            counts = {str(topic.id): 40.0 for topic in topics}
        for series in (Series.ANSWERED, Series.HELPFUL):
            await keep(hub, series, *({YES: 30, NO: 12} for _ in range(12)))
        await keep(hub, Series.QUESTIONS, *({COUNT: 1200} for _ in range(12)))
        await keep(hub, Series.TOPICS, *({**counts, REST: 5} for _ in range(12)))
        async with hub.browser("member") as browser:
            page = await browser.get("/zahlen")
            pictures = re.findall(r'<img src="([^"]+)"', page.text)
            assert len(pictures) == 4
            addresses = [*pictures, "/static/allmende.css", "/static/allmende.js"]
            sizes = [len((await browser.get(address)).content) for address in addresses]
        assert len(page.content) + sum(sizes) < HEAVIEST


class TestPicture:
    async def test_is_sent_safely_and_asked_for_each_time(self, hub: Hub, member: AsyncClient) -> None:
        await keep(hub, Series.QUESTIONS, {COUNT: 5})
        answer = await member.get("/zahlen/fragen.svg")
        assert answer.headers["content-type"] == "image/svg+xml"
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        assert "script" not in answer.headers["content-security-policy"]
        assert answer.headers["cache-control"] == "private, no-cache"
        again = await member.get("/zahlen/fragen.svg", headers={"If-None-Match": answer.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")

    async def test_is_drawn_once_for_each_look(self, hub: Hub, member: AsyncClient) -> None:
        await keep(hub, Series.QUESTIONS, {COUNT: 987})
        before = draw.cache_info().misses
        pictures = [(await member.get(f"/zahlen/fragen.svg?{look}")).content for look in ("", "dunkel=1", "") * 2]
        assert draw.cache_info().misses == before + 2
        assert len(set(pictures)) == 2

    async def test_speaks_the_reader_s_language(self, hub: Hub) -> None:
        await keep(hub, Series.QUESTIONS, {COUNT: 1234})
        for language, number in (("en", "1,234"), ("de", "1.234")):
            async with hub.browser("member", language=language) as browser:
                assert number in (await browser.get("/zahlen/fragen.svg")).text


class TestNothingBelowThree:
    """Six months of a small network through the clock, then everything that the hub sends about them."""

    async def test_what_is_sent_never_leads_to_one_or_two_people(self, hub: Hub) -> None:
        world, month = World(hub.database), month_of(today())
        people = [world.person() for _ in range(6)]
        # How many people ask in each of the last months: the first one once, the second twice …
        for back, some in ((6, 4), (5, 2), (4, 1), (3, 5), (2, 2), (1, 1)):
            first = add_months(month, -back)
            for number, who in enumerate(people[:some]):
                for _ in range(number + 1):
                    world.ask(begins(first) + 20 * DAY, who)
            await world.write()
            await count_figures(hub.database, begins(first) + 21 * DAY)
            await count_figures(hub.database, begins(add_months(first, 1)) + SETTLING + timedelta(hours=1))
        told = ["10", str(3 + 1 + 15)]
        years = {first.year for first in (add_months(month, -back) for back in (6, 3))}
        async with hub.browser("administrator", language="de") as browser:
            files = [table((await browser.get("/zahlen/fragen.csv")).content)[1:]]
            files += [table((await browser.get(f"/zahlen/fragen.csv?zeitraum={year}")).content)[1:] for year in years]
            page = (await browser.get("/zahlen")).text
            picture = (await browser.get("/zahlen/fragen.svg")).text
        assert [row[2] for row in files[0]] == told
        # Whatever is chosen, the same periods come, whole.
        assert {tuple(row) for rows in files for row in rows} == {tuple(row) for row in files[0]}
        assert re.findall(r'<td class="number">([^<]*)</td>', page)[:2] == told
        assert not {">3<", ">1<"} & set(re.findall(r">[0-9]+<", picture.split("text-overlay")[1]))

    async def test_a_name_of_a_topic_is_no_formula(self, hub: Hub, member: AsyncClient) -> None:
        async with hub.writing() as unit:
            topic = Topic(key="bad", kind=TopicKind.FIELD, name_de="=HYPERLINK(1)", name_en="=HYPERLINK(1)")
            unit.session.add(topic)
            await unit.session.flush()
            key = str(topic.id)
        await keep(hub, Series.TOPICS, {key: 4})
        assert table((await member.get("/zahlen/themen.csv")).content)[0][2] == "'=HYPERLINK(1)"
