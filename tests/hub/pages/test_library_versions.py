"""Versions side by side, and two documents that become one."""

from uuid import uuid4

from knowledge.library.addresses import document_path
from knowledge.models.document import Status, Visibility
from tests.hub.pages.library_world import stored, take_in
from tests.hub.pages.test_library import answered
from tests.hub.pages.test_search import cited
from tests.hub.signed_in import Hub

SCRIPT = "<b>fett</b>"


class TestComparing:
    async def test_what_is_gone_and_what_is_new(self, hub: Hub) -> None:
        key = await take_in(hub, "a.md", *(f"Zeile {number}" for number in range(20)), f"Es kostet 10 Euro {SCRIPT}.")
        await take_in(hub, "a.md", *(f"Zeile {number}" for number in range(20)), f"Es kostet 12 Euro {SCRIPT}.")
        async with hub.browser("moderator") as browser:
            page = (await browser.get(f"/bibliothek/{key}/vergleich?a=2&b=1")).text
            same = (await browser.get(f"/bibliothek/{key}/vergleich?a=2&b=2")).text
            unknown = await browser.get(f"/bibliothek/{key}/vergleich?a=1&b=9")
        assert "Es kostet <del>10</del><ins>12</ins> Euro &lt;b&gt;fett&lt;/b&gt;." in page
        assert "lines are the same" in page
        assert "Both versions have the same text." in same
        assert unknown.status_code == 404


class TestMerging:
    async def test_links_versions_and_counts_survive(self, hub: Hub) -> None:
        goes = await take_in(hub, "a.md", "Das Wort des Ersten.", title="Der Erste")
        await take_in(hub, "a.md", "Das zweite Wort des Ersten.", title="Der Erste")
        stays = await take_in(hub, "b.md", "Das Wort des Zweiten.", title="Der Zweite")
        last = await take_in(hub, "c.md", "Das Wort des Letzten.", title="Der Letzte")
        await answered(hub, goes)
        address = f"/bibliothek/{goes}/zusammenfuehren"
        async with hub.browser("moderator") as browser:
            chosen = await browser.get(address, params={"ziel": f"https://hub.test/dokument/{stays}?v=1"})
            assert "The document that stays: “Der Zweite”" in chosen.text
            merged = await browser.post(address, data={"target": str(stays)})
            assert merged.headers["location"] == f"/bibliothek/{stays}"
            await browser.post(f"/bibliothek/{stays}/zusammenfuehren", data={"target": str(last)})
        async with hub.browser() as browser:
            led = await browser.get(f"/dokument/{goes}")
            old = await browser.get(document_path(goes, 1, 0).partition("#")[0])
            read = await browser.get(old.headers["location"])
            page = (await browser.get(f"/dokument/{last}")).text
        assert (led.status_code, led.headers["location"]) == (308, f"/dokument/{last}")
        assert old.status_code == 308
        assert "<mark>Das Wort des Ersten.</mark>" in read.text
        assert "formerly: Der Erste" in page
        assert "formerly: Der Zweite" in page
        assert (await stored(hub, goes)).status is Status.WITHDRAWN
        assert await cited(hub) == {last}

    async def test_what_was_for_a_house_stays_with_it(self, hub: Hub) -> None:
        own = {"visibility": Visibility.HOUSE, "organisation": "lindenau"}
        goes = await take_in(hub, "a.md", "Ganz geheim.", title="Geheim", **own)
        stays = await take_in(hub, "b.md", "Öffentlich.", title="Offen")
        async with hub.browser("moderator") as browser:
            await browser.post(f"/bibliothek/{goes}/zusammenfuehren", data={"target": str(stays)})
            inside = await browser.get(f"/dokument/{stays}?frueher={goes}&v=1")
        async with hub.browser("neighbour") as browser:
            answers = [await browser.get(f"/dokument/{stays}{query}") for query in ("", f"?frueher={goes}&v=1")]
        assert "Ganz geheim." in inside.text
        assert [answer.status_code for answer in answers] == [200, 404]
        assert not any("eheim" in answer.text for answer in answers)

    async def test_not_with_itself_nor_with_what_is_not_there(self, hub: Hub) -> None:
        key, gone = await take_in(hub, "a.md"), await take_in(hub, "b.md")
        address = f"/bibliothek/{key}/zusammenfuehren"
        async with hub.browser("moderator") as browser:
            await browser.post("/bibliothek", data={"documents": str(gone), "act": "withdraw", "reason": "wrong"})
            targets = (str(key), str(uuid4()), str(gone), "kein Schlüssel")
            statuses = [(await browser.post(address, data={"target": target})).status_code for target in targets]
            shown = [(await browser.get(address, params={"ziel": target})).text for target in targets]
        assert statuses == [409, 404, 409, 404]
        assert not any("The document that stays:" in page for page in shown)
        assert (await stored(hub, key)).status is Status.PUBLISHED
