"""Finding peers in the hub: organisations with their experiences, people without their names."""

from knowledge.models.document import Kind, Visibility
from tests.hub.pages.library_world import searching, take_in
from tests.hub.pages.network_world import findable, topic
from tests.hub.signed_in import Hub

PEERS = "/netzwerk"


class TestFinding:
    async def test_people_are_found_by_topic_without_their_names(self, hub: Hub) -> None:
        (water,) = await findable(hub, "neighbour", "Trinkwasser")
        async with searching(hub), hub.browser("member") as browser:
            by_words = (await browser.get(f"{PEERS}?q=Trinkwasser")).text
            by_topic = (await browser.get(f"{PEERS}?thema={water}")).text
            other = (await browser.get(f"{PEERS}?q=Schulhof")).text
        for page in (by_words, by_topic):
            assert "<h3>Gruenau</h3>" in page
            assert f'name="an" value="{hub.people["neighbour"].id}"' in page
            assert "Neighbour" not in page
        assert "Gruenau" not in other
        assert "Nobody was found for this yet." in other

    async def test_whoever_paused_is_not_found(self, hub: Hub) -> None:
        await findable(hub, "neighbour", "Trinkwasser")
        async with searching(hub):
            async with hub.browser("neighbour") as browser:
                await browser.post("/konto/profil/findbar", data={"findbar": "paused"})
            async with hub.browser("member") as browser:
                page = (await browser.get(f"{PEERS}?q=Trinkwasser")).text
        assert "Gruenau" not in page

    async def test_organisations_are_found_by_what_they_published(self, hub: Hub) -> None:
        said = {"kind": Kind.EXPERIENCE, "organisation": "gruenau"}
        text = "Die Gemeinde hat einen Trinkbrunnen gebaut und betreibt ihn selbst."
        shown = await take_in(hub, "brunnen.md", text, title="Der Trinkbrunnen", **said)
        kept = {**said, "visibility": Visibility.HOUSE}
        hidden = await take_in(hub, "geheim.md", text, title="Nur für uns", **kept)
        async with searching(hub), hub.browser("member") as browser:
            page = (await browser.get(f"{PEERS}?q=Trinkbrunnen")).text
        assert "<h3>Gruenau</h3>" in page
        assert f'href="/dokument/{shown}"' in page
        assert str(hidden) not in page

    async def test_without_words_there_is_something_to_choose_from(self, hub: Hub) -> None:
        key = await topic(hub, "Trinkwasser")
        async with searching(hub), hub.browser("member") as browser:
            page = await browser.get(PEERS)
            nonsense = await browser.get(f"{PEERS}?thema=quatsch")
            unknown_topic = await browser.get(f"{PEERS}?thema=00000000-0000-0000-0000-000000000007")
        assert f'<option value="{key}"' in page.text
        assert (nonsense.status_code, unknown_topic.status_code) == (200, 200)
        assert "Say what you can help with" in page.text
