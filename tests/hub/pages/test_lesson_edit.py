"""Publishers in the hub: writing with a preview, problems by line, pictures, versions, paths, whole folders."""

import re
from dataclasses import replace
from io import BytesIO
from uuid import UUID

from PIL import Image

from bot.handlers.lesson_preview import preview_lesson
from knowledge.lessons.paths import PathService
from knowledge.lessons.service import LessonService
from tests.hub.pages.lesson_world import FIRST, TEXT, publisher_of
from tests.hub.signed_in import Hub

GOOD = TEXT.format(key=FIRST, title="Brunnen zählen", needs="", visibility="public")
ITEM = re.compile(r"/lernen/verwalten/([0-9a-f-]{36})$")


def picture() -> bytes:
    made = BytesIO()
    Image.new("RGB", (64, 48), "green").save(made, "PNG")
    return made.getvalue()


async def written(hub: Hub, text: str = GOOD, files: list[tuple[str, tuple[str, bytes, str]]] | None = None) -> UUID:
    """Have the publisher write a lesson; returns its identifier."""
    async with hub.browser("publisher") as browser:
        answer = await browser.post("/lernen/verwalten/neu", data={"text": text}, files=files)
        found = ITEM.search(answer.headers.get("location", ""))
        assert found is not None, answer.text
        return UUID(found[1])


class TestWriting:
    async def test_from_a_draft_to_learners(self, hub: Hub) -> None:
        key = await written(hub)
        async with hub.browser("publisher") as browser, hub.browser() as stranger:
            assert "Brunnen zählen" in (await browser.get("/lernen/verwalten")).text
            assert (await stranger.get(f"/lernen/{FIRST}")).status_code == 404
            form = (await browser.get(f"/lernen/verwalten/{key}")).text
            assert "Ein **fetter** Satz mit 3 &lt; 4 &amp; Zeichen." in form
            await browser.post(f"/lernen/verwalten/{key}/veroeffentlichen")
            assert (await stranger.get(f"/lernen/{FIRST}")).status_code == 200
            await browser.post(f"/lernen/verwalten/{key}/zurueckziehen")
            assert (await stranger.get(f"/lernen/{FIRST}")).status_code == 404

    async def test_a_new_version_waits_for_publication(self, hub: Hub) -> None:
        key = await written(hub)
        async with hub.browser("publisher") as browser, hub.browser() as stranger:
            await browser.post(f"/lernen/verwalten/{key}/veroeffentlichen")
            page = (await browser.get(f"/lernen/verwalten/{key}")).text
            revision = re.search(r'name="revision" value="(\d+)"', page)
            assert revision is not None
            changed = {"text": GOOD.replace("Ein **fetter**", "Ein neuer"), "revision": revision[1]}
            await browser.post(f"/lernen/verwalten/{key}", data=changed)
            assert "fetter" in (await stranger.get(f"/lernen/{FIRST}?schritt=1")).text
            await browser.post(f"/lernen/verwalten/{key}/veroeffentlichen")
            assert "neuer" in (await stranger.get(f"/lernen/{FIRST}?schritt=1")).text
            late = await browser.post(f"/lernen/verwalten/{key}", data=changed | {"text": GOOD})
            assert late.status_code == 409
            assert "fetter" in late.text
            old = await browser.get(f"/lernen/verwalten/{key}/vorschau?version=1")
            assert "fetter" in old.text
            assert (await browser.get(f"/lernen/verwalten/{key}/vorschau?version=9")).status_code == 404

    async def test_problems_come_with_their_lines_and_what_was_typed(self, hub: Hub) -> None:
        broken = GOOD.replace("minutes: 2", "minutes: 99").replace("- eins", "<script>alert(1)</script>")
        async with hub.browser("publisher") as browser:
            answer = await browser.post("/lernen/verwalten/neu", data={"text": broken})
        assert answer.status_code == 422
        assert "<code>minutes: 99</code>" in answer.text
        assert re.search(r"Line \d+: minutes", answer.text)
        assert "<script>alert(1)" not in answer.text
        assert "&lt;script&gt;alert(1)" in answer.text

    async def test_a_text_that_is_too_long_is_refused_and_kept_in_the_form(self, hub: Hub) -> None:
        long = GOOD + "\n" + "Wort " * 6_000 + "Schlusswort"
        async with hub.browser("publisher") as browser:
            answer = await browser.post("/lernen/verwalten/neu", data={"text": long.replace("\n", "\r\n")})
        assert answer.status_code == 422
        assert f"has {len(long)} characters; at most 30000" in answer.text
        assert "Schlusswort</textarea>" in answer.text

    async def test_a_preview_keeps_nothing(self, hub: Hub) -> None:
        async with hub.browser("publisher") as browser:
            answer = await browser.post("/lernen/verwalten/neu", data={"text": GOOD, "tun": "vorschau"})
            assert answer.status_code == 200
            assert "<strong>fetter</strong>" in answer.text
            assert "Brunnen zählen" not in (await browser.get("/lernen/verwalten")).text

    async def test_a_preview_shows_it_as_each_chat_does(self, hub: Hub) -> None:
        hub.app.state.services = replace(hub.app.state.services, preview=preview_lesson)
        key = await written(hub)
        async with hub.browser("publisher") as browser:
            kept = (await browser.get(f"/lernen/verwalten/{key}/vorschau")).text
            typed = (await browser.post("/lernen/verwalten/neu", data={"text": GOOD, "tun": "vorschau"})).text
        for page in (kept, typed):
            assert page.count('<ol class="bubbles">') == 3
            assert "<h3>Matrix</h3>" in page
            assert "<h3>Telegram</h3>" in page
            assert page.count("Wie viele Brunnen hat der Markt?") >= 3

    async def test_a_key_that_is_taken_is_said(self, hub: Hub) -> None:
        await written(hub)
        async with hub.browser("publisher") as browser:
            answer = await browser.post("/lernen/verwalten/neu", data={"text": GOOD})
        assert answer.status_code == 409
        assert "is taken by another lesson" in answer.text

    async def test_is_for_their_own_publishers_alone(self, hub: Hub) -> None:
        key = await written(hub)
        async with hub.browser("member") as member:
            assert (await member.get(f"/lernen/verwalten/{key}")).status_code == 403
        async with hub.browser("administrator") as administrator:
            assert (await administrator.get(f"/lernen/verwalten/{key}")).status_code == 200


class TestPictures:
    async def test_are_shown_to_whoever_may_learn_it(self, hub: Hub) -> None:
        text = GOOD.replace(
            "# Erster Schritt", "![Ein Brunnen](brunnen.png)\n\nSo sieht er aus.\n\n---\n\n# Erster Schritt"
        )
        files = [("pictures", ("brunnen.png", picture(), "image/png"))]
        key = await written(hub, text, files)
        async with hub.browser("publisher") as browser, hub.browser() as stranger:
            shown = re.search(
                r"/lernen/verwalten/[0-9a-f-]+/bild/[^\"]+",
                (await browser.get(f"/lernen/verwalten/{key}/vorschau")).text,
            )
            assert shown is not None
            assert (await browser.get(shown[0])).headers["content-type"] == "image/png"
            assert (await stranger.get(shown[0])).status_code == 303
            await browser.post(f"/lernen/verwalten/{key}/veroeffentlichen")
            page = (await stranger.get(f"/lernen/{FIRST}?schritt=1")).text
            assert 'alt="Ein Brunnen"' in page
            public = re.search(rf"/lernen/{FIRST}/bild/[^\"]+", page)
            assert public is not None
            assert (await stranger.get(public[0])).content[:8] == b"\x89PNG\r\n\x1a\n"
            assert (await stranger.get(public[0].replace("brunnen.png", "anderes.png"))).status_code == 404

    async def test_what_is_missing_broken_or_huge_is_said_with_its_line(self, hub: Hub) -> None:
        text = GOOD.replace("# Erster Schritt", "![Ein Brunnen](brunnen.png)\n\n---\n\n# Erster Schritt")
        async with hub.browser("publisher") as browser:
            missing = await browser.post("/lernen/verwalten/neu", data={"text": text})
            answers = [missing]
            for content in (b"no picture at all", bytes(50_000_000)):
                files = [("pictures", ("brunnen.png", content, "image/png"))]
                answers.append(await browser.post("/lernen/verwalten/neu", data={"text": text}, files=files))
        assert "is larger than 20 MB" in answers[-1].text
        for answer in answers:
            assert answer.status_code == 422
            assert "<code>![Ein Brunnen](brunnen.png)</code>" in answer.text

    async def test_are_read_only_so_far_altogether(self, hub: Hub) -> None:
        files = [("pictures", (f"{name}.png", bytes(15_000_000), "image/png")) for name in ("eins", "zwei")]
        async with hub.browser("publisher") as browser:
            answer = await browser.post("/lernen/verwalten/neu", data={"text": GOOD}, files=files)
        assert answer.status_code == 422
        assert "at most 20 MB at once" in answer.text
        assert "Ein **fetter** Satz" in answer.text


class TestPaths:
    async def test_lessons_come_in_the_order_of_their_numbers(self, hub: Hub) -> None:
        first = await written(hub)
        second = await written(hub, GOOD.replace(FIRST, "brunnen-drei").replace("Brunnen zählen", "Brunnen drei"))
        async with hub.browser("publisher") as browser:
            for key in (first, second):
                await browser.post(f"/lernen/verwalten/{key}/veroeffentlichen")
            typed = {"key": "brunnenpfad", "title": "Brunnenpfad", "visibility": "public", "language": "de"}
            empty = await browser.post("/lernen/verwalten/pfad/neu", data=typed)
            assert empty.status_code == 422
            assert 'value="Brunnenpfad"' in empty.text
            made = await browser.post(
                "/lernen/verwalten/pfad/neu", data=typed | {f"platz-{first}": "2", f"platz-{second}": "1"}
            )
            address = made.headers["location"]
            assert f'name="platz-{second}" value="1"' in (await browser.get(address)).text
            await browser.post(f"{address}/veroeffentlichen")
            page = (await browser.get("/lernen/pfad/brunnenpfad")).text
            assert page.index("Brunnen drei") < page.rindex("Brunnen zählen")
            await browser.post(f"{address}/zurueckziehen")
            assert (await browser.get("/lernen/pfad/brunnenpfad")).status_code == 404

    async def test_is_not_published_before_its_lessons_are(self, hub: Hub) -> None:
        key = await written(hub)
        typed = {"key": "brunnenpfad", "title": "Brunnenpfad", "visibility": "public", f"platz-{key}": "1"}
        async with hub.browser("publisher") as browser:
            address = (await browser.post("/lernen/verwalten/pfad/neu", data=typed)).headers["location"]
            answer = await browser.post(f"{address}/veroeffentlichen")
        assert answer.status_code == 422
        assert "These are not yet: Brunnen zählen" in answer.text


class TestFolder:
    async def test_a_broken_file_keeps_nothing_from_the_others(self, hub: Hub) -> None:
        paths = (
            f"- key: brunnenpfad\n  title: Brunnenpfad\n  summary: Alles\n  outcomes: Zählen\n  lessons: [{FIRST}]\n"
        )
        files = [
            ("files", ("gut.md", GOOD.encode(), "text/markdown")),
            ("files", ("kaputt.md", b"---\nkey: [\n", "text/markdown")),
            ("files", ("paths.yaml", paths.encode(), "text/yaml")),
        ]
        async with hub.browser("publisher") as browser:
            answer = await browser.post("/lernen/verwalten/einspielen", files=files)
        assert answer.status_code == 422
        assert "kaputt.md" in answer.text
        publisher = publisher_of(hub)
        async with hub.writing() as unit:
            assert [entry.key for entry in await LessonService(unit).managed(publisher)] == [FIRST]
            assert [entry.key for entry in await PathService(unit).managed(publisher)] == ["brunnenpfad"]

    async def test_the_same_files_again_change_nothing(self, hub: Hub) -> None:
        files = [("files", ("gut.md", GOOD.encode(), "text/markdown"))]
        async with hub.browser("publisher") as browser:
            first = await browser.post("/lernen/verwalten/einspielen", files=files)
            again = await browser.post("/lernen/verwalten/einspielen", files=files)
            nothing = await browser.post(
                "/lernen/verwalten/einspielen", files=[("files", ("x.txt", b"x", "text/plain"))]
            )
        assert f"new: {FIRST}" in first.text
        assert f"unchanged: {FIRST}" in again.text
        assert (nothing.status_code, "There was no lesson among these files." in nothing.text) == (200, True)

    async def test_too_many_files_are_refused_as_a_whole(self, hub: Hub) -> None:
        files = [("files", (f"{number}.md", b"", "text/markdown")) for number in range(200)]
        files.append(("files", ("gut.md", GOOD.encode(), "text/markdown")))
        async with hub.browser("publisher") as browser:
            answer = await browser.post("/lernen/verwalten/einspielen", files=files)
            assert FIRST not in (await browser.get("/lernen/verwalten")).text
        assert answer.status_code == 422
        assert "These are 201 files. Please send at most 200 at once." in answer.text
