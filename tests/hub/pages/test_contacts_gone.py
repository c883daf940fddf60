"""A contact whose other side is gone since."""

from knowledge.kit.clock import now
from knowledge.models.member import Member
from knowledge.peers.contacts import ContactService
from tests.hub.pages.network_world import requested
from tests.hub.signed_in import Hub


class TestTheOtherSideIsGone:
    async def test_all_other_contacts_are_still_shown(self, hub: Hub) -> None:
        key = await requested(hub, "member", "neighbour")
        async with hub.writing() as unit:
            await ContactService(unit).accept(key, hub.people["neighbour"].id)
        async with hub.writing() as unit:
            (await unit.session.get_one(Member, hub.people["neighbour"].id)).suspended_at = now()
        async with hub.browser("member") as browser:
            pages = [await browser.get(path) for path in ("/kontakte", f"/kontakte/{key}")]
        assert [page.status_code for page in pages] == [200, 200]
        assert "Neighbour" not in pages[0].text + pages[1].text
