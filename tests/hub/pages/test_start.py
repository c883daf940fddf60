"""The first page: what is new for whoever looks."""

from knowledge.models.document import Visibility
from tests.hub.pages.library_world import take_in
from tests.hub.signed_in import Hub


class TestWhatIsNew:
    async def test_everybody_sees_what_they_may_find_newest_first(self, hub: Hub) -> None:
        await take_in(hub, "1.md", title="Das Erste")
        await take_in(hub, "2.md", title="Das Zweite")
        await take_in(hub, "3.md", title="Fürs Netz", visibility=Visibility.NETWORK)
        await take_in(hub, "4.md", title="Fürs Haus", visibility=Visibility.HOUSE, organisation="lindenau")
        pages = {}
        for who in (None, "neighbour", "member"):
            async with hub.browser(who) as browser:
                pages[who] = (await browser.get("/")).text
        shown = {who: [title in page for title in ("Fürs Netz", "Fürs Haus")] for who, page in pages.items()}
        assert shown == {None: [False, False], "neighbour": [True, False], "member": [True, True]}
        assert pages[None].index("Das Zweite") < pages[None].index("Das Erste")
        assert "From your organisation: Lindenau" in pages["member"]
        assert "From your organisation" not in pages["neighbour"]
