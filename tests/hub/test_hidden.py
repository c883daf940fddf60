"""Every page and everybody else: what belongs to a house or circle leaves no trace, whatever address somebody tries.

A page that is added later must be looked at here, too: the walk fails while a route has no address in it.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from html import unescape
from uuid import UUID

from httpx import Response
from starlette.routing import Match

from knowledge.circles.service import CircleService
from knowledge.contributions.schemas import Author, Wishes
from knowledge.kit.clock import today, use_clock
from knowledge.kit.ids import new_id
from knowledge.members.service import MemberService
from knowledge.models.chat import ChatKind
from knowledge.models.contribution import Contribution, ContributionState, Report, ReportReason
from knowledge.models.document import Document, Kind, Visibility
from knowledge.organisations.schemas import NewOrganisation
from knowledge.organisations.service import OrganisationService
from tests.hub.pages.library_world import searching, take_in
from tests.hub.pages.test_answers import asked, prepared
from tests.hub.signed_in import Hub
from tests.hub.test_rights import every_route
from tests.knowledge.contributions.world import ask_back, publish_it, send

HOUSE = "drittau"
# A word for each place in which something could be given away.
WORDS = {
    "title": "Zylonith",
    "publisher": "Quartzel",
    "topics": "Wumbrax",
    "text": "Fliebotz",
    "period": "Knirbel",
    "told": "Schnopfel",
    "asked": "Drumsel",
    "reported": "Gnarfix",
    "member": "Plomsel",
}
COMMON = "Die Gemeinde hat eine Drohne gekauft und alle Dächer im Ort vermessen, was dem Bauhof gut gelungen ist."
SEARCH = "/suche?q=Drohne Dächer vermessen Bauhof"
# Somebody unknown, a member who also releases, a moderator of another house and topic, a publisher.
EVERYBODY_ELSE = (None, "releaser", "scoped_moderator", "publisher")
NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)
STATES = (ContributionState.HOUSE, ContributionState.WAITING, ContributionState.ASKED)
# What is new each time a page is shown.
NEW_EACH_TIME = re.compile(
    r'name="form_key" value="[^"]*"|\b[0-9a-f]{32}\b|href="/antwort/[^"]*"|<dd>[0-9a-f-]{36}</dd>|seite=/antwort/[^"]*"'
)
# Pages about trainings and lessons, which test_hidden_learning.py looks at.
LEARNING = ("/schulungen", "/lernen", "/wieweit", "/nachweise", "/bescheinigung", "/kalender")
# Says when somebody was last here, so it is never the same twice; tests/hub/pages/test_own_data.py looks at it. One's
# own conversation: tests/hub/pages/test_chat.py.
OWN_DATA = ("/konto/daten", "/chat")
# Says how much of all there is; tests/hub/test_metrics.py looks at it.
METRICS = ("/metrics",)
# Pages about the network, which test_hidden_network.py looks at.
NETWORK = (
    *("/fragen", "/netzwerk", "/kontakte", "/konto/profil", "/konto/post", "/luecken", "/themen"),
    *("/betreuung", "/uebergabe", "/nachfolge", "/post/", "/abmelden/"),
)
# One's own sessions, and a picture of a new secret.
ONES_OWN = {"/konto", "/konto/zugang"}


@dataclass(frozen=True)
class World:
    """What everybody may hear of, so that pages have something to show, and whose the rest will be."""

    hub: Hub
    member: UUID
    circle: UUID
    open_document: UUID
    own: UUID
    waiting: UUID

    def addresses(self) -> Iterator[str]:
        """Return all pages that are there without anything hidden."""
        yield from ("/", "/konto", "/konto/zugang", "/konto/formular", "/anmelden", "/anmelden/bestaetigen")
        yield from ("/anmelden/link/geraten", "/beitraege", "/beitraege/neu", "/freigaben", "/protokoll")
        yield from ("/konto/loeschen", "/konto/geloescht")
        yield from ("/health/live", "/health/ready", "/api", "/api/documents", "/konto/zugaenge", "/zugaenge")
        yield from ("/ueber", "/datenschutz", "/barrierefreiheit", "/impressum", "/leichte-sprache")
        yield from ("/barriere-melden", "/inhalt-melden", "/hinweise", "/gemeldet/1", "/zahlen", "/zahlen/fragen.svg")
        yield from ("/zahlen/fragen.csv", "/verzeichnisse", "/verzeichnisse/neu", f"/verzeichnisse/{self.member}")
        yield from (
            f"/verzeichnisse/{self.member}/entfernen",
            "/anmelden/verzeichnis",
            "/anmelden/verzeichnis/beitreten",
        )
        yield from (f"/anmelden/verzeichnis/{rest}" for rest in ("problem", "rueckkehr", "abmelden", "abgemeldet"))
        yield from ("/protokoll/tabelle", "/mitglieder", "/mitglieder/einladen", f"/mitglieder/{self.member}")
        yield from ("/organisationen", "/organisationen/neu", f"/organisationen/{HOUSE}", "/kreise")
        yield from (f"/kreise/{self.circle}", "/bibliothek/hochladen", "/bibliothek/synonyme")
        yield from (SEARCH, f"{SEARCH}&art=experience")
        yield from of_document(self.open_document)
        for key in (self.own, self.waiting):
            yield from of_contribution(key)
        for query in ("", "anlass=duplicates", "anlass=never_found", "anlass=due", "sichtbarkeit=house"):
            yield f"/bibliothek?{query}"
        for tab in ("waiting", "asked", "postponed", "reports", "due"):
            yield from (f"/pruefung?stand={tab}{more}" for more in ("", "&sichtbarkeit=house", "&sichtbarkeit=circle"))


@dataclass(frozen=True)
class Secrets:
    """What nobody else may hear of."""

    documents: list[UUID]
    contributions: list[UUID]
    report: UUID
    answer: UUID

    def addresses(self, world: World) -> Iterator[str]:
        """Return where somebody could look for it."""
        yield from (f"/antwort/{self.answer}", f"/pruefung/meldung/{self.report}")
        yield from (f"/suche?q={word}" for word in WORDS.values())
        for key in self.documents:
            yield from of_document(key)
            yield f"/dokument/{world.open_document}?frueher={key}&v=1"
            yield f"/bibliothek/{world.open_document}/zusammenfuehren?ziel={key}"
            yield f"/pruefung/{world.waiting}/zusammenfuehren?dokument={key}"
        for key in self.contributions:
            yield from of_contribution(key)
        for word in WORDS.values():
            yield from (f"/bibliothek?q={word}", f"/pruefung/{world.waiting}/zusammenfuehren?q={word}")
        yield from (f"/pruefung?thema={WORDS['topics']}", f"/mitglieder?q={WORDS['member']}")


def of_document(key: UUID) -> Iterator[str]:
    yield from (f"/dokument/{key}{rest}" for rest in ("", "?v=1&p=0", "?v=2&p=0", "/melden"))
    yield from (f"/bibliothek/{key}{rest}" for rest in ("", "/vergleich?a=1&b=2", "/zusammenfuehren"))
    yield f"/beitraege/korrektur/{key}"


def of_contribution(key: UUID) -> Iterator[str]:
    own = ("", "/bearbeiten", "/pruefen", "/senden", "/zurueckziehen")
    yield from (f"/beitraege/{key}{rest}" for rest in own)
    yield from (f"/pruefung/{key}{rest}" for rest in ("", "/bearbeiten", "/zusammenfuehren"))
    yield f"/freigaben/{key}"


async def furnish(hub: Hub) -> World:
    """Put a third house and a circle in, and something to read for all."""
    async with hub.writing() as unit:
        await OrganisationService(unit.session).add(NewOrganisation(key=HOUSE, name=HOUSE.title()))
        insider = await MemberService(unit.session).add(f"Person {WORDS['member']}", HOUSE)
        circle = await CircleService(unit.session).add("Kreis Moor")
        await CircleService(unit.session).set_topics(circle.id, WORDS["topics"])
    hub = replace(hub, people={**hub.people, "insider": insider})
    open_document = await take_in(hub, "offen.md", COMMON, title="Offen", topics=("Straßen",))
    own = await send(hub.database, author(hub, "releaser"), title="Eigenes")
    waiting = await send(hub.database, author(hub, "neighbour"), title="Vom Nachbarn", done=COMMON)
    async with hub.writing() as unit:
        (await unit.session.get_one(Contribution, own.id)).state = ContributionState.DRAFT
        (await unit.session.get_one(Document, open_document)).review_by = today()
    return World(hub, insider.id, circle.id, open_document, own.id, waiting.id)


async def hide(world: World) -> Secrets:
    """Put in what belongs to the third house and to the circle."""
    documents = await secret_documents(world.hub)
    await merge(world, documents[-1])
    contributions = await secret_contributions(world.hub, world.circle)
    async with world.hub.writing() as unit:
        report = Report(id=new_id(), document_id=documents[0], reason=ReportReason.OUTDATED, text=WORDS["reported"])
        unit.session.add(report)
        for key in documents:
            (await unit.session.get_one(Document, key)).review_by = today()
    answer = prepared(documents[0])
    answer.trace["passages"][0]["version"] = 2
    answer.trace["shown"][0]["quote"] = f"Dazu gehört {WORDS['text']} 0 2."
    await asked(world.hub, "insider", answer, ChatKind.GROUP)
    return Secrets(documents, contributions, report.id, answer.answer_id)


def author(hub: Hub, who: str) -> Author:
    return Author(hub.people[who].id, hub.people[who].organisation_id)


async def secret_documents(hub: Hub) -> list[UUID]:
    """Take in one document for the circle and two for the house, with two versions each."""
    said = {
        "title": f"Bericht {WORDS['title']}",
        "publisher": f"Verlag {WORDS['publisher']}",
        "topics": (WORDS["topics"], "KI"),
        "details": {"period": WORDS["period"]},
        "kind": Kind.EXPERIENCE,
    }
    places = (
        {"visibility": Visibility.HOUSE, "organisation": HOUSE},
        {"visibility": Visibility.CIRCLE, "circle": "Kreis Moor"},
        {"visibility": Visibility.HOUSE, "organisation": HOUSE},
    )
    keys = []
    for number, place in enumerate(places):
        for version in (1, 2):
            texts = (COMMON, f"Dazu gehört {WORDS['text']} {number} {version}.")
            key = await take_in(hub, f"{WORDS['title']}-{number}.md", *texts, **said, **place)
        keys.append(key)
    return keys


async def merge(world: World, key: UUID) -> None:
    """Have a document lead to the one that everybody may find."""
    async with world.hub.browser("administrator") as browser:
        led = await browser.post(f"/bibliothek/{key}/zusammenfuehren", data={"target": str(world.open_document)})
        assert led.status_code == 303


async def secret_contributions(hub: Hub, circle: UUID) -> list[UUID]:
    """Send one in every state for the house, and one for the circle; one of them is published."""
    insider, told = author(hub, "insider"), {"title": f"Bericht {WORDS['told']}", "done": COMMON}
    house, circles = Wishes(visibility=Visibility.HOUSE), Wishes(visibility=Visibility.CIRCLE, circles=(circle,))
    keys = []
    for wishes, state in [*((house, state) for state in STATES), (circles, ContributionState.WAITING)]:
        entry = await send(hub.database, insider, wishes, **told, topics=[WORDS["topics"]])
        await ask_back(hub.database, entry.id, hub.people["moderator"].id, WORDS["asked"])
        async with hub.writing() as unit:
            (await unit.session.get_one(Contribution, entry.id)).state = state
        keys.append(entry.id)
    published = await send(hub.database, insider, house, **told)
    await publish_it(hub.database, published.id)
    return [*keys, published.id]


Pages = dict[tuple[str | None, str], str]


async def look(world: World, addresses: Iterable[str], *, people: Iterable[str | None] = EVERYBODY_ELSE) -> Pages:
    """Let people look at pages; returns what each of them reads."""
    pages, addresses = {}, list(dict.fromkeys(addresses))
    async with searching(world.hub):
        for who in people:
            async with world.hub.browser(who) as browser:
                for address in addresses:
                    page = await browser.get(address)
                    assert page.status_code < 500, (who, address)
                    pages[who, address] = told_by(page)
                    answer = re.search(r'href="(/antwort/[^"]+)"', page.text)
                    if answer is not None and who is not None:
                        pages[who, f"{address} (trace)"] = told_by(await browser.get(unescape(answer[1])))
    return pages


def told_by(page: Response) -> str:
    return f"{page.status_code} {NEW_EACH_TIME.sub('', page.text)}"


class TestNothingGetsOut:
    async def test_every_page_is_as_if_it_were_not_there(self, hub: Hub) -> None:
        use_clock(lambda: NOON)
        world = await furnish(hub)
        before = await look(world, world.addresses())
        secrets = await hide(world)
        after = await look(world, world.addresses())
        assert {place for place, page in before.items() if after[place] != page and place[1] not in ONES_OWN} == set()
        assert len({route_of(hub, address) for (_who, address), page in before.items() if page[:3] == "200"}) > 28
        assert before["releaser", f"{SEARCH} (trace)"].startswith("200")

        for (who, address), page in (await look(world, secrets.addresses(world))).items():
            told = told_in(page, address)
            assert not told, (who, address, told)

    async def test_every_route_is_looked_at_and_its_owners_find_it(self, hub: Hub) -> None:
        world = await furnish(hub)
        secrets = await hide(world)
        addresses = [*world.addresses(), *secrets.addresses(world)]
        pages = {route.path for method, route in every_route(hub.app) if method == "GET"}
        routes = {path for path in pages if not path.startswith(NETWORK + LEARNING + OWN_DATA + METRICS)}
        assert {route_of(hub, address) for address in addresses} == routes
        found = await look(world, addresses, people=("insider", "moderator"))
        told = {word for (_who, address), page in found.items() for word in told_in(page, address)}
        assert told == set(WORDS.values())
        assert WORDS["text"] in found["insider", f"/antwort/{secrets.answer}"]


def told_in(page: str, address: str) -> set[str]:
    """Return which of the words a page says; what somebody typed themselves is said back to them."""
    return {word for word in WORDS.values() if word in page and word not in address}


def route_of(hub: Hub, address: str) -> str:
    """Return the route that an address leads to."""
    scope = {"type": "http", "method": "GET", "path": address.partition("?")[0], "headers": []}
    return next(route.path for _method, route in every_route(hub.app) if route.matches(scope)[0] is Match.FULL)
