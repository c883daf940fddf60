"""Light or dark."""

from tests.hub.signed_in import Hub

DARK = 'data-colours="dunkel"'


class TestChoosingColours:
    async def test_the_choice_lasts_until_the_device_is_to_decide_again(self, hub: Hub) -> None:
        async with hub.browser() as browser:
            pages = [(await browser.get(address)).text for address in ("/?farben=dunkel", "/", "/?farben=auto", "/")]
        assert [DARK in page for page in pages] == [True, True, False, False]

    async def test_what_is_no_choice_changes_nothing(self, hub: Hub) -> None:
        async with hub.browser() as browser:
            await browser.get("/?farben=dunkel")
            page = (await browser.get("/?farben=%22%3E%3Cscript%3E")).text
        assert (DARK in page, "<script>" in page) == (True, False)

    async def test_links_keep_the_rest_of_the_address(self, hub: Hub) -> None:
        async with hub.browser() as browser:
            page = (await browser.get("/suche?q=Hitze&farben=hell")).text
        assert 'href="/suche?q=Hitze&amp;sprache=de"' in page
