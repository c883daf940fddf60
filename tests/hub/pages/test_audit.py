"""The audit log in the hub: who may read it, what it says, and that acts elsewhere leave their entries."""

import csv
import io
import re

import pytest
from sqlalchemy import delete, select

from knowledge.audit.reading import action_texts
from knowledge.audit.service import record
from knowledge.kit.settings import PROJECT
from knowledge.models.access import HubSession
from knowledge.models.audit import AuditEntry
from knowledge.models.member import Member
from tests.hub.signed_in import HOUSE, Hub


async def suspend_somebody(hub: Hub) -> None:
    async with hub.browser("administrator") as browser:
        assert (await browser.post(f"/mitglieder/{hub.people['member'].id}/sperren")).status_code == 303


class TestReading:
    async def test_who_did_what_in_words(self, hub: Hub) -> None:
        await suspend_somebody(hub)
        async with hub.browser("administrator") as browser:
            page = await browser.get("/protokoll")
        cells = re.findall(r"<td>([^<]+)</td>", page.text)
        assert ("Administrator" in cells, "Member suspended" in cells) == (True, True)
        assert f"/mitglieder/{hub.people['member'].id}" in page.text

    async def test_the_name_goes_with_the_member(self, hub: Hub) -> None:
        await suspend_somebody(hub)
        who = hub.people["administrator"].id
        async with hub.writing() as unit:
            second = await unit.session.get(Member, hub.people["publisher"].id)
            assert second is not None
            second.role = hub.people["administrator"].role
            await unit.session.execute(delete(HubSession).where(HubSession.member_id == who))
            await unit.session.execute(delete(Member).where(Member.id == who))
        async with hub.browser("publisher") as browser:
            page = await browser.get("/protokoll")
        assert f"<td>{who.hex[:8]}</td>" in page.text
        assert "<td>Administrator</td>" not in page.text

    async def test_filters_and_hostile_values(self, hub: Hub) -> None:
        await suspend_somebody(hub)
        async with hub.writing() as unit:
            await record(unit.session, "<b>:x", ("<i>", "<u>"), by=None, note="<s>")
        async with hub.browser("administrator") as browser:
            everything = await browser.get("/protokoll")
            suspended = await browser.get("/protokoll", params={"was": "members:suspend", "wer": "ADMIN"})
            nothing = await browser.get("/protokoll", params={"wer": "\x01%", "von": "9999-99-99", "vor": "x" * 30})
            odd = await browser.get("/protokoll", params={"von": "2026-13-01", "vor": "9" * 18, "nach": "-1"})
        assert "&lt;b&gt;:x" in everything.text
        assert not re.search(r"<(b|i|u|s)>", everything.text)
        assert suspended.text.count("<time ") == 1
        assert "Nothing fits this." in nothing.text
        assert odd.text.count("<time ") == 2

    @pytest.mark.parametrize("who", ["moderator", "publisher", "member", "weak_moderator", None])
    async def test_it_is_for_administrators(self, who: str | None, hub: Hub) -> None:
        await suspend_somebody(hub)
        async with hub.browser(who) as browser:
            for address in ("/protokoll", "/protokoll/tabelle"):
                answer = await browser.get(address)
                assert answer.status_code in {303, 401, 403}
                assert "suspend" not in answer.text


class TestTable:
    async def test_it_is_a_file_of_what_was_filtered(self, hub: Hub) -> None:
        await suspend_somebody(hub)
        async with hub.browser("administrator") as browser:
            await browser.post(f"/organisationen/{HOUSE}/freigabe")
            answer = await browser.get("/protokoll/tabelle", params={"art": "organisation"})
        rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
        assert "attachment" in answer.headers["content-disposition"]
        assert [(row["action"], row["object_id"]) for row in rows] == [("organisations:release_first", HOUSE)]


class TestEntries:
    async def test_they_hold_no_names_and_no_words(self, hub: Hub) -> None:
        async with hub.browser("administrator") as browser:
            await browser.post("/mitglieder/einladen", data={"name": "Frieda Geheim", "days": "3"})
            await browser.post("/kreise", data={"name": "Kreis Geheim", "topics": "Geheimes"})
        async with hub.writing() as unit:
            entries = (await unit.session.scalars(select(AuditEntry))).all()
        assert [entry.action for entry in entries] == ["members:invite", "circles:add"]
        said = " ".join(f"{entry.object_id} {entry.details}" for entry in entries)
        assert "eheim" not in said

    def test_every_act_of_the_program_has_words(self) -> None:
        """Whatever is recorded anywhere is called something."""
        found = set(written_actions())
        assert {"members:suspend", "circles:vouch"} <= found
        assert found - set(action_texts()) == set()


def written_actions() -> list[str]:
    """Return the actions that stand in the source."""
    sources = [path.read_text("utf-8") for floor in ("knowledge", "hub") for path in (PROJECT / floor).rglob("*.py")]
    called = r'(?:record|_record|_note)\(\s*(?:self\._session|unit\.session|session)?,?\s*"([a-z_]+:[a-z_]+)"'
    return [action for source in sources for action in re.findall(called, source)]
