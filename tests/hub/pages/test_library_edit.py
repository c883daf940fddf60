"""Looking after one document: description, text, new versions; and two people at one document."""

import pytest

from knowledge.kit.unit_of_work import unit_of_work
from knowledge.library.browsing.schemas import Caretaker
from knowledge.library.editing import DocumentEditor, WithdrawReason
from knowledge.models.document import Kind, Status, Visibility
from tests.hub.pages.library_world import change, fields_of, stored, take_in
from tests.hub.signed_in import Hub

SCRIPT = "<script>alert(1)</script>"
WRONG = {
    "year": "1066",
    "url": "javascript:alert(1)",
    "organisation": "Nirgendwo",
    "valid_from": "morgen",
    "topics": "x" * 61,
    "title": "x" * 501,
    "circle": "Geheimkreis",
    "visibility": "circle",
}


class TestDescription:
    async def test_all_of_it_is_shown_and_changed(self, hub: Hub) -> None:
        key = await take_in(hub, "a.md", title="Alt", publisher="Weg damit", year=1999, language="tr")
        values = {
            "title": f"Neu {SCRIPT}",
            "publisher": "",
            "organisation": "Lindenau",
            "visibility": "house",
            "rights": "quote",
            "state": "12",
            "valid_from": "2026-01-01",
            "valid_until": "2031-12-31",
            "review_by": "2030-01-01",
            "topics": "Straßen; KI, KI",
            "url": "https://example.org/a",
        }
        async with hub.browser("moderator") as browser:
            saved = await change(browser, f"/bibliothek/{key}", f"/bibliothek/{key}", **values)
            page = await browser.get(saved.headers["location"])
        document = await stored(hub, key)
        assert "Saved." in page.text
        assert SCRIPT not in page.text
        assert (document.title, document.publisher, document.year) == (f"Neu {SCRIPT}", None, 1999)
        house = hub.people["moderator"].organisation_id
        assert house is not None
        assert document.access == f"house:{house.hex}"
        assert (document.language, document.state_key, document.topics) == ("tr", "12", ["Straßen", "KI"])
        shown = {**values, "organisation": "lindenau", "topics": "Straßen, KI"}
        assert fields_of(page, f"/bibliothek/{key}").items() >= shown.items()

    async def test_what_cannot_be_right_is_said_at_its_field_and_kept(self, hub: Hub) -> None:
        key = await take_in(hub, "a.md", title="Alt")
        async with hub.browser("moderator") as browser:
            page = await change(browser, f"/bibliothek/{key}", f"/bibliothek/{key}", **WRONG)
        assert page.status_code == 422
        for name in WRONG.keys() - {"visibility"}:
            assert f'id="{name}-error"' in page.text, name
        typed = fields_of(page, f"/bibliothek/{key}")
        assert (typed["organisation"], typed["url"]) == ("Nirgendwo", "javascript:alert(1)")
        assert 'href="javascript:' not in page.text
        assert (await stored(hub, key)).title == "Alt"

    async def test_two_at_one_document_never_overwrite_each_other(self, hub: Hub) -> None:
        key = await take_in(hub, "a.md", title="Alt")
        address = f"/bibliothek/{key}"
        async with hub.browser("moderator") as slow, hub.browser("administrator") as fast:
            opened = fields_of(await slow.get(address), address)
            await change(fast, address, address, title="Vom Schnellen")
            stale = await slow.post(address, data={**opened, "title": "Vom Langsamen"})
            assert stale.status_code == 409
            assert "Now it says: Vom Schnellen" in stale.text
            assert (await stored(hub, key)).title == "Vom Schnellen"
            again = fields_of(stale, address)
            assert again["title"] == "Vom Langsamen"
            await slow.post(address, data=again)
        assert (await stored(hub, key)).title == "Vom Langsamen"

    async def test_nobody_puts_a_document_out_of_their_own_reach(self, hub: Hub) -> None:
        key = await take_in(hub, "a.md", title="Alt")
        address = f"/bibliothek/{key}"
        async with hub.browser("publisher") as browser:
            refused = await change(browser, address, address, visibility="house", organisation="gruenau")
        assert refused.status_code == 422
        assert (await stored(hub, key)).visibility is Visibility.PUBLIC

    async def test_hidden_earlier_versions_are_read_no_more(self, hub: Hub) -> None:
        key = await take_in(hub, "a.md", "Frau Müller wohnt hier.")
        await take_in(hub, "a.md", "Jemand wohnt hier.")
        address = f"/bibliothek/{key}"
        async with hub.browser("moderator") as browser:
            assert (await browser.get(f"/dokument/{key}?v=1")).status_code == 200
            await change(browser, address, address, hide_earlier="1")
            assert (await browser.get(f"/dokument/{key}?v=1")).status_code == 404
            assert "hidden from readers" in (await browser.get(address)).text


class TestText:
    async def test_an_experience_is_changed_by_its_fields(self, hub: Hub) -> None:
        key = await take_in(hub, "e.md", "Wir haben es getan.", kind=Kind.EXPERIENCE)
        address = f"/bibliothek/{key}"
        text = f"Neu {SCRIPT}.\r\n\r\n- eins\r\n- zwei"
        async with hub.browser("moderator") as browser:
            same = await change(browser, address, f"{address}/text")
            saved = await change(browser, address, f"{address}/text", **{"text-0": text})
            await change(browser, address, address, status="failed", period="2024")
            read = (await browser.get(f"/dokument/{key}")).text
            empty = await change(browser, address, f"{address}/text", **{"text-0": " "})
            stale = await browser.post(f"{address}/text", data={"revision": "x", "text-0": "Verloren?"})
        assert (same.status_code, saved.status_code, empty.status_code) == (303, 303, 422)
        assert (await stored(hub, key)).version == 2
        assert (await stored(hub, key)).details == {"status": "failed", "period": "2024"}
        assert "<li>eins</li>" in read
        assert SCRIPT not in read
        assert stale.status_code == 409
        assert "Verloren?" in stale.text

    async def test_others_get_a_new_file(self, hub: Hub) -> None:
        key = await take_in(hub, "a.md", title="Bleibt", publisher="Bleibt auch")
        address = f"/bibliothek/{key}"
        async with hub.browser("moderator") as browser:
            file = {"file": ("ganz-anders.md", b"# Anderer Titel\n\nEin neuer Text steht hier.")}
            for said in ("Saved as a new version.", "Nothing was different"):
                sent = await browser.post(f"{address}/fassung", files=file)
                assert said in (await browser.get(sent.headers["location"])).text
            wrong = await browser.post(f"{address}/fassung", files={"file": ("x.pdf", b"\x00\x01\x02")})
        document = await stored(hub, key)
        assert (document.version, document.title, document.publisher) == (2, "Bleibt", "Bleibt auch")
        assert wrong.status_code == 422
        assert 'id="file-error"' in wrong.text


class TestStand:
    async def test_withdrawn_with_a_reason_and_restored(self, hub: Hub) -> None:
        key = await take_in(hub, "a.md")
        address = f"/bibliothek/{key}"
        async with hub.browser("moderator") as browser:
            without = await change(browser, address, f"{address}/stand", act="withdraw", reason="")
            await change(browser, address, f"{address}/stand", act="withdraw", reason="wrong")
            assert (await stored(hub, key)).status is Status.WITHDRAWN
            await change(browser, address, f"{address}/stand", act="restore")
        assert without.status_code == 422
        assert (await stored(hub, key)).status is Status.PUBLISHED

    @pytest.mark.parametrize("who", ["publisher", "scoped_moderator"])
    async def test_what_is_not_in_ones_care_does_not_exist(self, hub: Hub, who: str) -> None:
        key = await take_in(hub, "a.md", title="Geheim", visibility=Visibility.HOUSE, organisation="gruenau")
        if who == "scoped_moderator":
            key = await take_in(hub, "b.md", title="Geheim", organisation="lindenau")
        address = f"/bibliothek/{key}"
        file = {"file": ("a.md", b"Text.")}
        async with hub.browser(who) as browser:
            answers = [await browser.get(address + path) for path in ("", "/vergleich?a=1&b=1", "/zusammenfuehren")]
            act = {"act": "withdraw", "reason": "wrong"}
            posts = ("", "/text", "/stand", "/zusammenfuehren")
            answers += [await browser.post(address + path, data=act) for path in posts]
            answers.append(await browser.post(f"{address}/fassung", files=file))
        assert [answer.status_code for answer in answers] == [404] * 8
        assert not any("Geheim" in answer.text for answer in answers)
        async with unit_of_work(hub.database) as unit:
            editor = DocumentEditor(unit, Caretaker(None), by=None)
            assert await editor.withdraw([key], WithdrawReason.OTHER) == 1
