"""„Barriere melden" and „Inhalt melden": anybody reports, a number comes back, moderators work it off."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from httpx import AsyncClient
from sqlalchemy import select, update

from knowledge.kit.clock import now
from knowledge.kit.settings import load_settings
from knowledge.library.reporting import MOST_PER_HOUR
from knowledge.models.audit import AuditEntry
from knowledge.models.page_report import PageReport, PageReportKind
from knowledge.page_reports.service import DONE_KEPT, MOST_PER_DAY, UNDONE_KEPT, is_number
from knowledge.privacy.retention import run_retention
from tests.hub.pages.library_world import fields_of, take_in
from tests.hub.signed_in import Hub

BARRIER, CONTENT, LIST = "/barriere-melden", "/inhalt-melden", "/hinweise"
WORDS = "Mit dem Vorleseprogramm komme ich nicht an die Schaltfläche „Senden“."


async def send(browser: AsyncClient, where: str = BARRIER, **typed: str) -> str:
    """Send a report and return its number."""
    values = {"seite": "/suche", "text": WORDS, "contact": ""} | typed
    answer = await browser.post(where, data=values)
    assert answer.status_code == 303, answer.text
    thanks = await browser.get(answer.headers["location"])
    number = answer.headers["location"].rpartition("/")[2]
    assert is_number(number)
    assert number in thanks.text
    return number


async def stored(hub: Hub) -> list[PageReport]:
    """Return all reports."""
    async with hub.database.session(writes=False) as session:
        return list((await session.scalars(select(PageReport).order_by(PageReport.created_at))).all())


class TestReporting:
    async def test_every_page_leads_there_and_says_where_one_was(self, hub: Hub) -> None:
        async with hub.browser() as browser:
            page = await browser.get("/schulungen?ort=geheim")
            assert f'href="{BARRIER}?seite=/schulungen"' in page.text
            form = await browser.get(f"{BARRIER}?seite=/schulungen")
            assert fields_of(form, BARRIER)["seite"] == "/schulungen"

    async def test_somebody_unknown_reports_a_barrier_and_gets_a_number(self, hub: Hub) -> None:
        async with hub.browser() as browser:
            number = await send(browser, contact=" anna@kleinow.example ")
        (row,) = await stored(hub)
        assert (row.number, row.kind, row.path) == (number, PageReportKind.BARRIER, "/suche")
        assert (row.text, row.contact, row.done_at) == (WORDS, "anna@kleinow.example", None)

    async def test_nothing_says_that_it_was_a_member(self, hub: Hub) -> None:
        async with hub.browser("member") as browser:
            await send(browser, CONTENT)
        (row,) = await stored(hub)
        assert row.contact is None
        assert {column.name for column in PageReport.__table__.columns} == {
            *("number", "kind", "path", "text", "contact", "created_at", "seen_at", "done_at")
        }

    @pytest.mark.parametrize(
        ("seite", "kept"),
        [
            ("/suche?q=Frau+Schulz", "/suche"),
            ("https://hub.test/suche?q=Frau+Schulz#a", "/suche"),
            ("/anmelden/link/geheimes-zeichen", "/anmelden/link/…"),
            ("/kalender/geheim.ics", "/kalender/…"),
            ("https://elsewhere.example/bescheinigung/AAAAA-BBBBB", "/bescheinigung/…"),
            ("hub.test/anmelden/link/geheimes-zeichen", "/anmelden/link/…"),
            ("/anmelden/link/geheimes-zeichen/", "/anmelden/link/…"),
            ("HTTPS://HUB.TEST", "/"),
            ("http://[kaputt", "/"),
            ("Suche/Lernen", "Suche/Lernen"),
            ("Die Seite mit den Schulungen", "Die Seite mit den Schulungen"),
            ("", ""),
        ],
    )
    async def test_what_was_searched_for_and_what_is_secret_is_not_kept(self, hub: Hub, seite: str, kept: str) -> None:
        async with hub.browser() as browser:
            await send(browser, seite=seite)
        assert [row.path for row in await stored(hub)] == [kept]

    @pytest.mark.parametrize(
        "seite", ["////elsewhere.example/x", "/\\elsewhere.example", "https://x//elsewhere.example"]
    )
    async def test_whoever_looks_after_it_is_never_led_to_another_site(self, hub: Hub, seite: str) -> None:
        async with hub.browser() as browser:
            await send(browser, seite=seite)
        (row,) = await stored(hub)
        assert re.match(r"/[^/\\]", row.path)
        async with hub.browser("moderator") as browser:
            assert f'<a href="{row.path}">' in (await browser.get(LIST)).text

    async def test_a_page_with_a_secret_in_its_address_does_not_pass_it_on(self, hub: Hub) -> None:
        async with hub.browser() as browser:
            page = await browser.get("/anmelden/link/geheimes-zeichen")
        assert page.text.count("geheimes-zeichen") <= page.text.partition("<footer")[0].count("geheimes-zeichen") + 3
        assert f"{BARRIER}?seite=/anmelden/link/%E2%80%A6" in page.text

    async def test_documents_and_open_questions_have_a_way_of_their_own(self, hub: Hub) -> None:
        document, question = await take_in(hub, "drohne.md"), uuid4()
        async with hub.browser("member") as browser:
            to_document = await browser.get(f"{CONTENT}?seite=/dokument/{document}")
            to_question = await browser.get(f"{CONTENT}?seite=/fragen/{question}")
        assert to_document.headers["location"] == f"/dokument/{document}/melden"
        assert to_question.headers["location"] == f"/fragen/melden/frage/{question}"

    async def test_sent_twice_it_arrives_once(self, hub: Hub) -> None:
        async with hub.browser() as browser:
            typed = fields_of(await browser.get(BARRIER), BARRIER) | {"text": WORDS}
            first, second = [await browser.post(BARRIER, data=typed) for _time in range(2)]
        assert first.headers["location"] == second.headers["location"]
        assert len(await stored(hub)) == 1


class TestLimits:
    @pytest.mark.parametrize(
        ("typed", "said"),
        [
            ({"text": " \n "}, "Please say in a sentence what is wrong."),
            ({"text": "x" * 3001}, "Please write at most 3000 characters."),
            ({"contact": "y" * 321}, "Please write at most 320 characters."),
        ],
    )
    async def test_what_does_not_fit_comes_back_with_what_was_typed(
        self, hub: Hub, typed: dict[str, str], said: str
    ) -> None:
        async with hub.browser() as browser:
            answer = await browser.post(BARRIER, data={"seite": "/lernen", "text": WORDS, "contact": ""} | typed)
        assert answer.status_code == 422
        assert said in answer.text
        assert fields_of(answer, BARRIER)["seite"] == "/lernen"
        assert await stored(hub) == []

    async def test_one_address_reports_no_flood_and_loses_no_word(self, hub: Hub) -> None:
        async with hub.browser() as browser:
            for _time in range(MOST_PER_HOUR):
                await send(browser)
            answer = await browser.post(BARRIER, data={"text": WORDS})
        assert answer.status_code == 429
        assert "an die Schaltfläche" in answer.text
        assert len(await stored(hub)) == MOST_PER_HOUR

    async def test_neither_do_many_addresses(self, hub: Hub) -> None:
        async with hub.writing() as unit:
            for number in range(MOST_PER_DAY):
                row = PageReport(number=f"B-{number}", kind=PageReportKind.BARRIER, path="", text="Werbung")
                unit.session.add(row)
        async with hub.browser() as browser:
            assert (await browser.post(BARRIER, data={"text": WORDS})).status_code == 429

    async def test_a_number_that_is_none_thanks_nobody(self, hub: Hub) -> None:
        async with hub.browser() as browser:
            assert (await browser.get("/gemeldet/B-BCDFGHJK")).status_code == 200
            assert (await browser.get("/gemeldet/<b>x")).status_code == 404


class TestWorkingOff:
    async def test_a_moderator_sees_it_and_notes_that_it_is_done(self, hub: Hub) -> None:
        async with hub.browser() as browser:
            number = await send(browser, contact="anna@kleinow.example")
        async with hub.browser("moderator") as browser:
            queue = await browser.get("/pruefung")
            assert re.search(rf'href="{LIST}">About pages <span class="count">1<', queue.text)
            assert "anna@kleinow.example" in (await browser.get(LIST)).text
            await browser.post(f"{LIST}/{number}", data={"gesehen": "1"})
            (seen,) = await stored(hub)
            for _time in range(2):
                assert (await browser.post(f"{LIST}/{number}", data={"erledigt": "1"})).status_code == 303
        (done,) = await stored(hub)
        assert (seen.seen_at is not None, seen.done_at) == (True, None)
        assert done.done_at is not None
        async with hub.database.session(writes=False) as session:
            acts = (await session.scalars(select(AuditEntry).where(AuditEntry.action == "pages:done"))).all()
        assert [(act.object_id, act.details) for act in acts] == [(number, {"kind": "barrier"})]

    async def test_who_looks_after_a_part_only_sees_none(self, hub: Hub) -> None:
        async with hub.browser() as browser:
            number = await send(browser)
        async with hub.browser("scoped_moderator") as browser:
            assert LIST not in (await browser.get("/pruefung")).text
            assert (await browser.get(LIST)).status_code == 404
            assert (await browser.post(f"{LIST}/{number}", data={"erledigt": "1"})).status_code == 404
        assert [row.done_at for row in await stored(hub)] == [None]

    async def test_it_is_deleted_by_itself(self, hub: Hub) -> None:
        async with hub.browser() as browser:
            for _time in range(4):
                await send(browser, contact="anna@kleinow.example")
        done, fresh, old, young = [row.number for row in await stored(hub)]
        moment = now()
        changes = {
            done: {"done_at": moment - DONE_KEPT},
            fresh: {"done_at": moment - DONE_KEPT + timedelta(hours=1)},
            old: {"created_at": moment - UNDONE_KEPT},
            young: {"created_at": moment - UNDONE_KEPT + timedelta(hours=1)},
        }
        async with hub.writing() as unit:
            for number, values in changes.items():
                await unit.session.execute(update(PageReport).where(PageReport.number == number).values(**values))
        await run_retention(hub.database, load_settings())
        assert {row.number for row in await stored(hub)} == {fresh, young}
