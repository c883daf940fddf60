"""Reporting what somebody wrote in the network, and what moderators do about it."""

from uuid import uuid4

import pytest
from sqlalchemy import select

from knowledge.kit.unit_of_work import unit_of_work
from knowledge.models.audit import AuditEntry
from knowledge.questions.service import QuestionService
from tests.hub.pages.network_world import ANSWERED, ASKED, WISHED, answered, released, requested, seen, written
from tests.hub.pages.test_contributions import to
from tests.hub.signed_in import Hub

REPORT = {"reason": "offensive", "text": "Das ist beleidigend."}


async def report_id(hub: Hub) -> str:
    async with unit_of_work(hub.database, writes=False) as unit:
        (entry,) = await QuestionService(unit).open_reports()
    return str(entry.id)


class TestReporting:
    async def test_each_kind_by_whoever_reads_it(self, hub: Hub) -> None:
        question = await released(hub)
        answer = await answered(hub, question)
        message = await written(hub, answer, "neighbour", "Rufen Sie mich bloß nie wieder an!")
        request = await requested(hub, "neighbour", "member")
        reported = (("frage", question, ASKED, "neighbour"), ("antwort", answer, ANSWERED, "member"))
        private = (("nachricht", message, "nie wieder", "member"), ("anfrage", request, WISHED, "member"))
        for kind, key, words, who in (*reported, *private):
            path = f"/fragen/melden/{kind}/{key}"
            async with hub.browser(who) as browser:
                assert words in (await browser.get(path)).text
                await to(browser, await browser.post(path, data=REPORT))
            async with hub.browser("moderator") as browser:
                assert words in (await browser.get("/fragen/meldungen")).text

    async def test_what_is_wrong_has_to_be_said(self, hub: Hub) -> None:
        path = f"/fragen/melden/frage/{await released(hub)}"
        async with hub.browser("neighbour") as browser:
            no_reason = await browser.post(path, data={"text": "Lange beschrieben."})
            no_text = await browser.post(path, data={"reason": "wrong", "text": " "})
        assert (no_reason.status_code, no_text.status_code) == (422, 422)
        assert "Lange beschrieben." in no_reason.text

    async def test_what_one_may_not_read_cannot_be_reported(self, hub: Hub) -> None:
        answer = await answered(hub, await released(hub))
        message = await written(hub, answer, "member", "Unter uns gesagt.")
        request = await requested(hub)
        paths = (
            f"antwort/{answer}",
            f"nachricht/{message}",
            f"anfrage/{request}",
            f"frage/{uuid4()}",
            f"quatsch/{answer}",
        )
        async with hub.browser("releaser") as browser:
            for path in paths:
                assert (await browser.get(f"/fragen/melden/{path}")).status_code == 404
                assert (await browser.post(f"/fragen/melden/{path}", data=REPORT)).status_code == 404

    async def test_the_writer_can_be_blocked_with_it(self, hub: Hub) -> None:
        request = await requested(hub, "neighbour", "member")
        async with hub.browser("member") as browser:
            path = f"/fragen/melden/anfrage/{request}"
            contacts = await to(browser, await browser.post(path, data=REPORT | {"sperren": "1"}))
        assert "From whom you want no requests" in contacts.text


class TestModerating:
    @pytest.mark.parametrize("removes", [True, False])
    async def test_it_is_taken_out_or_left(self, hub: Hub, removes: bool) -> None:
        question = await released(hub)
        answer = await answered(hub, question)
        async with hub.browser("member") as browser:
            await browser.post(f"/fragen/melden/antwort/{answer}", data=REPORT)
        async with hub.browser("moderator") as browser:
            path = f"/fragen/meldungen/{await report_id(hub)}"
            done = await to(browser, await browser.post(path, data={"entfernen": "1"} if removes else {}))
            again = await browser.post(path, data={"entfernen": "1"})
        assert "Nothing is reported" in done.text
        assert (await seen(hub, question)).answers == (0 if removes else 1)
        assert again.status_code in (303, 404, 409)
        async with hub.database.session(writes=False) as session:
            acts = (await session.scalars(select(AuditEntry.action))).all()
        assert len(acts) == 1

    async def test_only_moderators_see_reports(self, hub: Hub) -> None:
        async with hub.browser("publisher") as browser:
            assert (await browser.get("/fragen/meldungen")).status_code == 403
            assert "/fragen/meldungen" not in (await browser.get("/fragen")).text
        async with hub.browser("moderator") as browser:
            assert "/fragen/meldungen" in (await browser.get("/fragen")).text
