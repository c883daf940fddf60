"""„Inhalt melden": from anybody, without a name, and not without end."""

from sqlalchemy import select

from knowledge.library.reporting import MOST_PER_HOUR
from knowledge.models.contribution import Report, ReportReason
from knowledge.models.document import Visibility
from tests.hub.pages.library_world import change, take_in
from tests.hub.signed_in import Hub


async def reports(hub: Hub) -> list[Report]:
    async with hub.database.session(writes=False) as session:
        return list(await session.scalars(select(Report).order_by(Report.created_at)))


class TestReporting:
    async def test_from_strangers_and_members(self, hub: Hub) -> None:
        key = await take_in(hub, "a.md", title="Ein Text")
        address = f"/dokument/{key}/melden"
        values = {"reason": "outdated", "text": "Das ist <b>alt</b>."}
        for who in (None, "member"):
            async with hub.browser(who) as browser:
                sent = await change(browser, address, address, **values)
                thanks = await browser.get(sent.headers["location"])
                assert "Your report is with the moderators." in thanks.text
        kept = [(row.document_id, row.member_id, row.reason, row.text) for row in await reports(hub)]
        member = hub.people["member"].id
        assert kept == [(key, who, ReportReason.OUTDATED, "Das ist <b>alt</b>.") for who in (None, member)]

    async def test_what_is_missing_is_said_and_nothing_is_lost(self, hub: Hub) -> None:
        key = await take_in(hub, "a.md")
        house = await take_in(hub, "b.md", visibility=Visibility.HOUSE, organisation="lindenau")
        address = f"/dokument/{key}/melden"
        async with hub.browser() as browser:
            without = await browser.post(address, data={"text": "Bleibt <stehen>"})
            empty = await browser.post(address, data={"reason": "wrong", "text": " "})
            hidden = [await browser.get(f"/dokument/{house}/melden"), await browser.post(f"/dokument/{house}/melden")]
        assert (without.status_code, empty.status_code) == (422, 422)
        assert "Bleibt &lt;stehen&gt;" in without.text
        assert [answer.status_code for answer in hidden] == [404, 404]
        assert await reports(hub) == []

    async def test_there_is_an_end_to_it(self, hub: Hub) -> None:
        key = await take_in(hub, "a.md")
        values = {"reason": "wrong", "text": "Noch einmal."}
        async with hub.browser() as browser:
            sent = [await browser.post(f"/dokument/{key}/melden", data=values) for _each in range(MOST_PER_HOUR + 1)]
        assert [answer.status_code for answer in sent] == [303] * MOST_PER_HOUR + [429]
        assert len(await reports(hub)) == MOST_PER_HOUR
