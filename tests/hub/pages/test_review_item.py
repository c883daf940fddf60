"""One contribution in the browser: what is seen of it, and every decision about it."""

from datetime import timedelta
from html import unescape
from typing import Any
from uuid import UUID

from knowledge.contributions.fields import FIELDS as ALL_FIELDS
from knowledge.contributions.schemas import ContributionEntry
from knowledge.contributions.service import ContributionService
from knowledge.kit.clock import now, today
from knowledge.models import Contribution, Report
from knowledge.models.contribution import Attribution, ContributionState, ReportReason
from tests.hub.pages.test_review import HOSTILE, author, row
from tests.hub.signed_in import Hub
from tests.knowledge.contributions.world import send

PERSONAL = "Frau Petra Vogelsang (petra.vogelsang@lindenau.de) hat den Dienst gemietet."


def at(entry: ContributionEntry, action: str = "") -> str:
    """Return the address of a contribution, or of an action on it."""
    return f"/pruefung/{entry.id}" + (f"/{action}" if action else "")


def form(entry: ContributionEntry, **values: str) -> dict[str, str]:
    """Return what a form about a contribution sends."""
    return {"revision": str(entry.revision), "stand": "waiting", **values}


class TestLooking:
    async def test_texts_of_others_are_text_in_every_field(self, hub: Hub) -> None:
        fields: dict[str, Any] = {one.name: HOSTILE for one in ALL_FIELDS if one.values is None and not one.is_list}
        entry = await send(hub.database, author(hub), **fields, topics=[HOSTILE[:50]])
        async with hub.browser("moderator") as browser:
            pages = [await browser.get(at(entry, action)) for action in ("", "bearbeiten", "zusammenfuehren")]
        for page in pages:
            assert page.status_code == 200
            assert "<script>alert" not in page.text
            assert "<b onmouseover" not in page.text
            assert "&lt;script&gt;alert" in page.text

    async def test_personal_data_is_marked_and_redacted_by_one_click(self, hub: Hub) -> None:
        entry = await send(hub.database, author(hub), done=PERSONAL)
        async with hub.browser("moderator") as browser:
            page = await browser.get(at(entry))
            assert '<mark class="finding">petra.vogelsang@lindenau.de</mark>' in page.text
            answer = await browser.post(at(entry, "schwaerzen"), data=form(entry))
        assert answer.headers["location"] == f"{at(entry)}?stand=waiting#funde"
        done = (await row(hub, entry.id)).fields["done"]
        assert "lindenau.de" not in done
        assert "Vogelsang" not in done

    async def test_it_is_shown_as_the_bot_will_quote_it(self, hub: Hub) -> None:
        entry = await send(hub.database, author(hub), title="Chatbot abgeschaltet", period="2022 bis 2024")
        async with hub.browser("moderator") as browser:
            page = unescape((await browser.get(at(entry))).text)
        assert "Chatbot abgeschaltet, Lindenau, 2024" in page

    async def test_anonymous_says_what_will_be_published(self, hub: Hub) -> None:
        entry = await send(hub.database, author(hub), done="In Lindenau haben wir es abgeschaltet.")
        async with hub.writing() as unit:
            stored = await unit.session.get_one(Contribution, entry.id)
            stored.attribution, stored.described_as = Attribution.ANONYMOUS, "eine kleine Stadt im Osten"
        async with hub.browser("moderator") as browser:
            page = unescape((await browser.get(at(entry))).text)
        assert "<dd>eine kleine Stadt im Osten</dd>" in page
        assert "Only the description is published." in page
        assert "The organisation is named in: What we did." in page
        assert "Chatbot abgeschaltet, eine kleine Stadt im Osten, 2024" in page

    async def test_nobody_but_moderators_gets_in(self, hub: Hub) -> None:
        entry = await send(hub.database, author(hub))
        answers = []
        for who in (None, "member", "publisher", "weak_moderator", "suspended"):
            async with hub.browser(who) as browser:
                answers.append(await browser.get(at(entry)))
                answers.append(await browser.post(at(entry, "veroeffentlichen"), data=form(entry)))
        assert all(answer.status_code in (303, 403) for answer in answers)
        assert all("Chatbot" not in answer.text for answer in answers)
        assert (await row(hub, entry.id)).state is ContributionState.WAITING


class TestDeciding:
    async def test_the_next_one_follows_in_the_same_part_of_the_queue(self, hub: Hub) -> None:
        first = await send(hub.database, author(hub), topics=["Kita"])
        other = await send(hub.database, author(hub), topics=["Straßen"])
        last = await send(hub.database, author(hub), topics=["Kita"])
        async with hub.browser("moderator") as browser:
            answer = await browser.post(at(first, "veroeffentlichen"), data=form(first, thema="Kita"))
            assert answer.headers["location"] == f"{at(last)}?stand=waiting&thema=Kita"
            answer = await browser.post(at(last, "veroeffentlichen"), data=form(last, thema="Kita"))
            assert answer.headers["location"] == "/pruefung?stand=waiting&thema=Kita"
        assert (await row(hub, other.id)).state is ContributionState.WAITING

    async def test_all_decisions_work_by_their_forms(self, hub: Hub) -> None:
        entries = [await send(hub.database, author(hub)) for _number in range(3)]
        until = (today() + timedelta(days=3)).isoformat()
        wanted = [
            ("rueckfrage", {"question": "Was?"}),
            ("ablehnen", {"reason": "Weil."}),
            ("zurueckstellen", {"until": until}),
        ]
        async with hub.browser("moderator") as browser:
            for entry, (action, typed) in zip(entries, wanted, strict=True):
                answer = await browser.post(at(entry, action), data=form(entry, **typed))
                assert answer.status_code == 303
        states = [(await row(hub, entry.id)).state.value for entry in entries]
        assert states == ["asked", "rejected", "postponed"]

    async def test_what_is_missing_is_said_at_the_field(self, hub: Hub) -> None:
        entry = await send(hub.database, author(hub))
        async with hub.browser("moderator") as browser:
            answer = await browser.post(at(entry, "ablehnen"), data=form(entry, reason=" "))
            day = await browser.post(at(entry, "zurueckstellen"), data=form(entry, until="gestern"))
        assert (answer.status_code, day.status_code) == (422, 422)
        assert 'id="reason-error"' in answer.text
        assert 'id="until-error"' in day.text

    async def test_a_double_click_acts_once_and_leads_to_the_same_place(self, hub: Hub) -> None:
        first, second = [await send(hub.database, author(hub)) for _number in range(2)]
        async with hub.browser("moderator") as browser:
            data = form(first, form_key="once")
            answers = [await browser.post(at(first, "veroeffentlichen"), data=data) for _time in range(2)]
        assert {answer.headers["location"] for answer in answers} == {f"{at(second)}?stand=waiting"}


class TestStaleForms:
    async def test_what_was_typed_is_kept_and_what_the_other_did_is_said(self, hub: Hub) -> None:
        entry = await send(hub.database, author(hub))
        async with hub.browser("administrator") as other:
            await other.post(at(entry, "bearbeiten"), data=form(entry, field_title="Neuer Titel"))
        async with hub.browser("moderator") as browser:
            answer = await browser.post(at(entry, "ablehnen"), data=form(entry, reason="Zu <knapp>."))
            assert answer.status_code == 409
            assert "Somebody was faster" in answer.text
            assert "text changed (Administrator)" in answer.text
            assert "Zu &lt;knapp&gt;." in answer.text
            assert f'name="revision" value="{entry.revision + 1}"' in answer.text
            data = {**form(entry, reason="Zu <knapp>."), "revision": str(entry.revision + 1)}
            assert (await browser.post(at(entry, "ablehnen"), data=data)).status_code == 303
        assert (await row(hub, entry.id)).reason == "Zu <knapp>."

    async def test_an_edit_shows_both_and_loses_neither(self, hub: Hub) -> None:
        entry = await send(hub.database, author(hub), title="Alter Titel")
        async with hub.browser("administrator") as other:
            await other.post(at(entry, "bearbeiten"), data=form(entry, field_title="Titel des anderen"))
        typed = {"field_title": "Mein Titel", "was_title": "Alter Titel"}
        async with hub.browser("moderator") as browser:
            answer = await browser.post(at(entry, "bearbeiten"), data=form(entry, **typed))
        assert answer.status_code == 409
        assert 'value="Mein Titel"' in answer.text
        assert "<ins>" in answer.text
        assert "des anderen" in answer.text
        assert (await row(hub, entry.id)).fields["title"] == "Titel des anderen"

    async def test_decided_meanwhile_says_by_what_and_when(self, hub: Hub) -> None:
        entry = await send(hub.database, author(hub))
        async with hub.browser("administrator") as other:
            await other.post(at(entry, "veroeffentlichen"), data=form(entry))
        async with hub.browser("moderator") as browser:
            answer = await browser.post(at(entry, "ablehnen"), data=form(entry, reason="Zu knapp."))
        assert answer.status_code == 409
        assert "published (Administrator)" in answer.text
        assert "Zu knapp." in answer.text
        assert "/veroeffentlichen" not in answer.text

    async def test_taken_back_by_its_author_gives_the_words_back(self, hub: Hub) -> None:
        entry = await send(hub.database, author(hub))
        async with hub.writing() as unit:
            await ContributionService(unit).withdraw(entry.id, author(hub))
        async with hub.browser("moderator") as browser:
            answer = await browser.post(at(entry, "rueckfrage"), data=form(entry, question="Was kostete es?"))
        assert answer.status_code == 404
        assert "Was kostete es?" in answer.text


class TestOwnContribution:
    async def test_another_one_decides_and_the_page_says_so(self, hub: Hub) -> None:
        entry = await send(hub.database, author(hub, "moderator"))
        async with hub.browser("moderator") as browser:
            page = await browser.get(at(entry))
            answer = await browser.post(at(entry, "veroeffentlichen"), data=form(entry))
        assert "another moderator decides on it" in page.text
        assert "/veroeffentlichen" not in page.text
        assert answer.status_code == 409
        assert (await row(hub, entry.id)).state is ContributionState.WAITING


class TestCorrections:
    async def test_old_and_new_stand_side_by_side(self, hub: Hub) -> None:
        entry = await send(hub.database, author(hub), costs="5.900 Euro im Jahr.")
        async with hub.browser("moderator") as browser:
            await browser.post(at(entry, "veroeffentlichen"), data=form(entry))
            document = (await row(hub, entry.id)).document_id
            assert document is not None
            correction = await correct(hub, document, costs="6.200 Euro im Jahr.")
            page = (await browser.get(at(correction))).text
            await browser.post(at(correction, "veroeffentlichen"), data=form(correction))
        assert "<del>5.900 </del>" in page
        assert "<ins>6.200 </ins>" in page
        assert (await row(hub, correction.id)).document_id == document


async def correct(hub: Hub, document: UUID, **fields: str) -> ContributionEntry:
    """Have the author of a document send a correction of it."""
    async with hub.writing() as unit:
        service = ContributionService(unit)
        draft = await service.start(author(hub), corrects=document)
        await service.change(draft.id, author(hub), fields=fields)
        sent = await service.submit(draft.id, author(hub))
        (await unit.session.get_one(Contribution, sent.id)).waiting_since = now()
    return sent


class TestMerging:
    async def test_found_by_title_edited_and_merged(self, hub: Hub) -> None:
        old = await send(hub.database, author(hub), title="Chatbot im Bürgerbüro")
        new = await send(hub.database, author(hub, "neighbour"), title="Chatbot zum Zweiten", done="Wir auch.")
        async with hub.browser("moderator") as browser:
            await browser.post(at(old, "veroeffentlichen"), data=form(old))
            document = (await row(hub, old.id)).document_id
            found = await browser.get(at(new, "zusammenfuehren"), params={"q": "bürgerbüro"})
            assert f"dokument={document}" in found.text
            page = await browser.get(at(new, "zusammenfuehren"), params={"dokument": str(document)})
            assert "Wir auch." in page.text
            assert 'value="Chatbot im Bürgerbüro"' in page.text
            typed = {
                f"field_{name}": text for name, text in (("title", "Chatbot"), ("done", "Beide."), ("outcome", "So."))
            }
            answer = await browser.post(
                at(new, "zusammenfuehren"), data=form(new, target=str(document), version="1", **typed)
            )
        assert answer.status_code == 303
        assert (await row(hub, new.id)).document_id == document


class TestReports:
    async def test_a_report_is_closed_with_an_outcome(self, hub: Hub) -> None:
        entry = await send(hub.database, author(hub))
        async with hub.browser("moderator") as browser:
            await browser.post(at(entry, "veroeffentlichen"), data=form(entry))
            report = await reported(hub, (await row(hub, entry.id)).document_id)
            assert "/pruefung/meldung/" in (await browser.get("/pruefung", params={"stand": "reports"})).text
            page = await browser.get(f"/pruefung/meldung/{report}")
            assert "&lt;script&gt;alert" in page.text
            refused = await browser.post(f"/pruefung/meldung/{report}", data={"outcome": " "})
            assert refused.status_code == 422
            answer = await browser.post(f"/pruefung/meldung/{report}", data={"outcome": "Berichtigt."})
            late = await browser.post(f"/pruefung/meldung/{report}", data={"outcome": "Nichts zu tun."})
        assert answer.headers["location"] == "/pruefung?stand=reports"
        assert late.status_code == 409
        assert "Nichts zu tun." in late.text
        assert "<p>Berichtigt.</p>" in late.text

    async def test_a_report_of_another_office_does_not_exist(self, hub: Hub) -> None:
        entry = await send(hub.database, author(hub))
        async with hub.browser("moderator") as browser:
            await browser.post(at(entry, "veroeffentlichen"), data=form(entry))
        report = await reported(hub, (await row(hub, entry.id)).document_id)
        async with hub.browser("scoped_moderator") as browser:
            answers = [
                await browser.get(f"/pruefung/meldung/{report}"),
                await browser.post(f"/pruefung/meldung/{report}", data={"outcome": "Weg."}),
            ]
        assert [answer.status_code for answer in answers] == [404, 404]


async def reported(hub: Hub, document: UUID | None) -> UUID:
    """Have somebody unknown report a document."""
    assert document is not None
    report = Report(document_id=document, reason=ReportReason.WRONG, text=HOSTILE)
    async with hub.writing() as unit:
        unit.session.add(report)
    return report.id
