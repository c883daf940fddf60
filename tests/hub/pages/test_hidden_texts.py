"""What belongs to a house or circle reaches nobody else: by no page of the library, list, filter, count or error."""

from dataclasses import dataclass
from uuid import UUID

from knowledge.circles.service import CircleService
from knowledge.models.document import Kind, Visibility
from tests.hub.pages.library_world import searching, take_in
from tests.hub.signed_in import Hub

# A word for each place in which something could be given away; none of them stands in any public document.
WORDS = {"title": "Zylonith", "publisher": "Quartzel", "topics": "Wumbrax", "text": "Fliebotz", "details": "Knirbel"}
COMMON = "Die Gemeinde hat eine Drohne gekauft und alle Dächer im Ort vermessen, was dem Bauhof gut gelungen ist."


@dataclass(frozen=True)
class Hidden:
    """The documents that nobody below may hear of, with versions, and a public one beside them."""

    house: UUID
    circle: UUID
    merged: UUID
    public: UUID

    def addresses(self) -> list[str]:
        """Return everywhere that somebody could look."""
        searches = [*WORDS.values(), f"{WORDS['text']} Drohne", "Drohne Dächer vermessen Bauhof"]
        found = [f"/suche?q={word}{more}" for word in searches for more in ("", "&art=experience")]
        for key in (self.house, self.circle, self.merged):
            ways = ("", "?v=1", "?v=2&p=0", "/melden")
            found += [f"/dokument/{key}{way}" for way in ways]
            found += [f"/dokument/{self.public}?frueher={key}&v=1", f"/bibliothek/{key}"]
            found += [f"/bibliothek/{key}/{page}" for page in ("vergleich?a=1&b=2", "zusammenfuehren")]
            found += [f"/bibliothek/{self.public}/zusammenfuehren?ziel={key}"]
        filters = [f"?q={word}" for word in WORDS.values()] + ["?anlass=duplicates", "?anlass=never_found", "?thema=KI"]
        found += [f"/bibliothek{query}" for query in ("", *filters, "?sichtbarkeit=house", "?sichtbarkeit=circle")]
        own = (f"/dokument/{self.public}", f"/bibliothek/{self.public}", f"/bibliothek/{self.public}/zusammenfuehren")
        return [*found, "/", *own, "/bibliothek/hochladen", "/bibliothek/synonyme"]


async def hide(hub: Hub) -> Hidden:
    async with hub.writing() as unit:
        await CircleService(unit.session).add(f"Kreis {WORDS['topics']}")
    said = {
        "title": f"Bericht {WORDS['title']}",
        "publisher": f"Verlag {WORDS['publisher']}",
        "topics": (WORDS["topics"], "KI"),
        "details": {"period": WORDS["details"]},
        "kind": Kind.EXPERIENCE,
    }
    places = {
        "house": {"visibility": Visibility.HOUSE, "organisation": "gruenau"},
        "circle": {"visibility": Visibility.CIRCLE, "circle": f"Kreis {WORDS['topics']}"},
        "merged": {"visibility": Visibility.HOUSE, "organisation": "gruenau"},
    }
    keys = {}
    for name, place in places.items():
        for version in (1, 2):
            texts = (COMMON, f"Dazu gehört {WORDS['text']} {name} {version}.")
            keys[name] = await take_in(hub, f"{WORDS['title']}-{name}.md", *texts, **said, **place)
    public = await take_in(hub, "offen.md", COMMON, title="Offen", topics=("KI",))
    async with hub.browser("administrator") as browser:
        led = await browser.post(f"/bibliothek/{keys['merged']}/zusammenfuehren", data={"target": str(public)})
        assert led.status_code == 303
    return Hidden(**keys, public=public)


class TestNothingGetsOut:
    async def test_whoever_looks_wherever(self, hub: Hub) -> None:
        hidden = await hide(hub)
        answers = 0
        async with searching(hub):
            for who in (None, "member", "publisher"):
                async with hub.browser(who) as browser:
                    for address in hidden.addresses():
                        page = await browser.get(address)
                        # What somebody typed themselves is said back to them.
                        asked = {word for word in WORDS.values() if word in address}
                        told = {word for word in WORDS.values() if word in page.text} - asked
                        assert not told, (who, address, told)
                        assert page.status_code < 500
                        answers += page.status_code == 200 and "Offen" in page.text
            # The very same words are there to be found for those whom they are for.
            async with hub.browser("neighbour") as browser:
                house = (await browser.get(f"/dokument/{hidden.house}")).text
                search = (await browser.get(f"/suche?q={WORDS['text']}")).text
            async with hub.browser("administrator") as browser:
                listed = (await browser.get("/bibliothek")).text
        assert all(word in house for word in WORDS.values())
        assert WORDS["title"] in search
        assert listed.count(f"Bericht {WORDS['title']}</a>") == 3
        assert answers > 15

    async def test_counts_and_filters_offer_nothing_of_others(self, hub: Hub) -> None:
        await hide(hub)
        async with hub.browser("publisher") as browser:
            page = (await browser.get("/bibliothek")).text
            alone = (await browser.get("/bibliothek?anlass=duplicates")).text
        assert "1 document<" in page
        assert "0 documents" in alone
        assert "Gruenau" not in page
