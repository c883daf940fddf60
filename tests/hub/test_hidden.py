"""Every page and everybody else: what belongs to a house or circle is nowhere, whatever address somebody tries.

A page that is added later must be looked at here, too: the walk fails while a route has no address in it.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from uuid import UUID

from starlette.routing import Match

from knowledge.circles.service import CircleService
from knowledge.contributions.schemas import Author, Wishes
from knowledge.kit.clock import today
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
    name: word
    for name, word in zip(
        ("title", "publisher", "topics", "text", "period", "told", "asked", "reported", "member", "quoted"),
        ["Zylonith", "Quartzel", "Wumbrax", "Fliebotz", "Knirbel", "Schnopfel", "Drumsel", "Gnarfix", "Plomsel", "Hutzelbrod"],
        strict=True,
    )
}
COMMON = "Die Gemeinde hat eine Drohne gekauft und alle Dächer im Ort vermessen, was dem Bauhof gut gelungen ist."
EVERYBODY_ELSE = (
    None,
    "suspended",
    "member",
    "neighbour",
    "releaser",
    "weak_moderator",
    "scoped_moderator",
    "publisher",
)
STATES = [state for state in ContributionState if state is not ContributionState.PUBLISHED]


@dataclass(frozen=True)
class World:
    """What nobody else may hear of, and what lies openly beside it, so that pages have something to show."""

    hub: Hub
    documents: list[UUID]
    contributions: list[UUID]
    report: UUID
    answer: UUID
    circle: UUID
    member: UUID
    open_document: UUID
    own: UUID
    open_waiting: UUID

    def addresses(self) -> Iterator[str]:
        """Return everywhere that somebody could look."""
        yield from ("/", "/konto", "/konto/zugang", "/konto/formular", "/anmelden", "/anmelden/bestaetigen")
        yield from ("/anmelden/link/geraten", "/beitraege", "/beitraege/neu", "/freigaben", "/protokoll")
        yield from ("/protokoll/tabelle", "/mitglieder", f"/mitglieder?q={WORDS['member']}", "/mitglieder/einladen")
        yield from ("/organisationen", "/organisationen/neu", f"/organisationen/{HOUSE}", "/kreise")
        yield from (f"/kreise/{self.circle}", f"/mitglieder/{self.member}", f"/antwort/{self.answer}")
        yield from (f"/pruefung/meldung/{self.report}", "/bibliothek/hochladen", "/bibliothek/synonyme")
        yield from (f"/suche?q={words}" for words in (*WORDS.values(), "Drohne Dächer vermessen Bauhof"))
        for key in (*self.documents, self.open_document):
            yield from (f"/dokument/{key}{rest}" for rest in ("", "?v=1", "?v=1&p=0", "/melden"))
            yield from (f"/bibliothek/{key}{rest}" for rest in ("", "/vergleich?a=1&b=2", "/zusammenfuehren"))
            yield f"/bibliothek/{self.open_document}/zusammenfuehren?ziel={key}"
            yield f"/beitraege/korrektur/{key}"
            yield f"/pruefung/{self.open_waiting}/zusammenfuehren?dokument={key}"
        for key in (*self.contributions, self.own, self.open_waiting):
            own = ("", "/bearbeiten", "/pruefen", "/senden", "/zurueckziehen")
            yield from (f"/beitraege/{key}{rest}" for rest in own)
            yield from (f"/pruefung/{key}{rest}" for rest in ("", "/bearbeiten", "/zusammenfuehren"))
            yield f"/freigaben/{key}"
        yield from self._lists()

    def _lists(self) -> Iterator[str]:
        words = [f"q={word}" for word in WORDS.values()]
        for query in ("", "anlass=duplicates", "anlass=never_found", "anlass=due", "sichtbarkeit=house", *words):
            yield f"/bibliothek?{query}"
        for tab in ("waiting", "asked", "postponed", "reports", "due"):
            for narrowed in ("", "&sichtbarkeit=house", "&sichtbarkeit=circle", f"&thema={WORDS['topics']}"):
                yield f"/pruefung?stand={tab}{narrowed}"
        yield from (f"/pruefung/{self.open_waiting}/zusammenfuehren?{word}" for word in words)


async def furnish(hub: Hub) -> World:
    """Put a third house and a circle with secrets in, and the same without secrets for all."""
    async with hub.writing() as unit:
        await OrganisationService(unit.session).add(NewOrganisation(key=HOUSE, name=HOUSE.title()))
        insider = await MemberService(unit.session).add(f"Person {WORDS['member']}", HOUSE)
        circle = await CircleService(unit.session).add("Kreis Moor")
        await CircleService(unit.session).set_topics(circle.id, WORDS["topics"])
    hub = replace(hub, people={**hub.people, "insider": insider})
    documents = await secret_documents(hub)
    contributions = await secret_contributions(hub, circle.id)
    open_document = await take_in(hub, "offen.md", COMMON, title="Offen", topics=("Straßen",))
    own = await send(hub.database, author(hub, "member"), title="Eigenes")
    waiting = await send(hub.database, author(hub, "neighbour"), title="Vom Nachbarn", done=COMMON)
    async with hub.writing() as unit:
        (await unit.session.get_one(Contribution, own.id)).state = ContributionState.DRAFT
        report = Report(id=new_id(), document_id=documents[0], reason=ReportReason.OUTDATED, text=WORDS["reported"])
        unit.session.add(report)
        for key in documents:
            (await unit.session.get_one(Document, key)).review_by = today()
    answer = prepared(documents[0])
    answer.trace["shown"][0].update(title=WORDS["title"], quote=WORDS["quoted"])
    await asked(hub, "insider", answer, ChatKind.GROUP)
    return World(
        hub=hub,
        documents=documents,
        contributions=contributions,
        report=report.id,
        answer=answer.answer_id,
        circle=circle.id,
        member=insider.id,
        open_document=open_document,
        own=own.id,
        open_waiting=waiting.id,
    )


def author(hub: Hub, who: str) -> Author:
    return Author(hub.people[who].id, hub.people[who].organisation_id)


async def secret_documents(hub: Hub) -> list[UUID]:
    """Take in a document for the house and one for the circle, with two versions each."""
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
    )
    keys = []
    for number, place in enumerate(places):
        for version in (1, 2):
            texts = (COMMON, f"Dazu gehört {WORDS['text']} {number} {version}.")
            key = await take_in(hub, f"{WORDS['title']}-{number}.md", *texts, **said, **place)
        keys.append(key)
    return keys


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


class TestNothingGetsOut:
    async def test_on_any_page_to_anybody_else(self, hub: Hub) -> None:
        world = await furnish(hub)
        addresses = list(dict.fromkeys(world.addresses()))
        shown = set()
        async with searching(world.hub):
            for who in EVERYBODY_ELSE:
                async with world.hub.browser(who) as browser:
                    for address in addresses:
                        page = await browser.get(address)
                        # What somebody typed themselves is said back to them.
                        told = {word for word in WORDS.values() if word in page.text and word not in address}
                        assert not told, (who, address, told)
                        assert page.status_code < 500, (who, address)
                        if page.status_code == 200:
                            shown.add(route_of(hub, address))
        # Of these, somebody else than administrators and unscoped moderators has really seen something.
        assert len(shown) > 30, sorted(shown)

    async def test_every_route_is_walked(self, hub: Hub) -> None:
        world = await furnish(hub)
        walked = {route_of(hub, address) for address in world.addresses()}
        assert walked == {route.path for method, route in every_route(hub.app) if method == "GET"}

    async def test_whose_it_is_does_find_it(self, hub: Hub) -> None:
        world = await furnish(hub)
        seen = ""
        async with searching(world.hub):
            for who in ("insider", "administrator", "moderator"):
                async with world.hub.browser(who) as browser:
                    for address in world.addresses():
                        seen += (await browser.get(address)).text
        assert {word for word in WORDS.values() if word not in seen} == set()


def route_of(hub: Hub, address: str) -> str:
    """Return the route that an address leads to."""
    scope = {"type": "http", "method": "GET", "path": address.partition("?")[0], "headers": []}
    return next(route.path for _method, route in every_route(hub.app) if route.matches(scope)[0] is Match.FULL)
