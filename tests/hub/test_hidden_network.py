"""Who reads what in the network: names only of those who gave them, words only where they were meant for.

Everybody opens every page about the network, and every address of what is there; what each of them read is compared
with what they may read. A page that is added later must be looked at here, too.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from uuid import UUID

from knowledge.members.service import MemberService
from knowledge.models.contribution import ReportReason
from knowledge.models.question import ReleasedAs
from knowledge.organisations.schemas import NewOrganisation
from knowledge.organisations.service import OrganisationService
from knowledge.peers.contacts import ContactService
from knowledge.questions.schemas import ReportedKind
from knowledge.questions.service import QuestionService
from tests.hub.pages.library_world import searching
from tests.hub.pages.network_world import answered, author, findable, reader, released, requested, topic, written
from tests.hub.signed_in import Hub
from tests.hub.test_hidden import NETWORK, route_of
from tests.hub.test_rights import every_route

ANONYMOUS = ReleasedAs.ANONYMOUS
# Whoever is in it, with a name that nobody else has, and their house, where nobody else works.
INSIDERS = {
    "asker": ("Plomsel", "Drittau"),
    "helper": ("Quurbel", "Viertau"),
    "friend": ("Zwirbel", "Fünftau"),
    "paused": ("Brumsel", "Sechstau"),
}
# A word for each text that is not for everybody, and who reads it.
READS: dict[str, set[str]] = {
    "Fliebotz": {"asker", "helper", "joiner"},  # the answer
    "Knirbel": {"asker", "helper"},  # a message between the two
    "Schnopfel": {"helper"},  # a contact request that waits
    "Drumsel": set(),  # the question that was taken back
    "Wumbrax": {"helper"},  # its answer, which is a draft of its writer's now
    "Gnarfix": {"moderator"},  # a report
}
# Who reads whose name or house: themselves, and the two who both said yes.
KNOWS = {
    "asker": {"asker", "friend"},
    "helper": {"helper"},
    "friend": {"asker", "friend"},
    "paused": {"paused"},
}
EVERYBODY = (None, "joiner", "moderator", *INSIDERS)


@dataclass(frozen=True)
class Things:
    """What there is in the network."""

    topic: UUID
    questions: list[UUID]
    answers: list[UUID]
    message: UUID
    requests: list[UUID]

    def addresses(self) -> Iterator[str]:
        """Return where all of it could be read."""
        yield from (
            "/",
            "/beitraege",
            "/fragen",
            "/fragen/offen",
            f"/fragen/offen?thema={self.topic}",
            "/fragen/offen?q=Brunnen",
        )
        yield from ("/fragen/antworten", "/fragen/meldungen", "/fragen/neu", "/netzwerk", "/kontakte", "/konto/profil")
        yield from (
            f"/netzwerk?thema={self.topic}",
            "/netzwerk?q=Trinkwasser",
            "/betreuung",
            "/uebergabe",
            "/nachfolge",
        )
        for key in self.questions:
            yield from (f"/fragen/{key}{rest}" for rest in ("", "/themen", "/zurueckziehen"))
            yield f"/fragen/melden/frage/{key}"
        for key in self.answers:
            yield from (f"/fragen/antwort/{key}/beitrag", f"/fragen/antwort/{key}/zuruecknehmen")
            yield f"/fragen/melden/antwort/{key}"
        yield f"/fragen/melden/nachricht/{self.message}"
        for key in self.requests:
            yield from (f"/kontakte/{key}", f"/kontakte/{key}/weitergeben", f"/fragen/melden/anfrage/{key}")
        yield f"/betreuung/{self.questions[0]}/zurueckziehen"
        yield from ("/luecken", f"/luecken/{self.questions[0]}", "/themen", f"/themen/{self.topic}", "/konto/post")
        yield from ("/post/bestaetigen/geraten", "/abmelden/geraten")


async def bring_insiders(hub: Hub) -> Hub:
    people = dict(hub.people)
    async with hub.writing() as unit:
        for who, (name, house) in INSIDERS.items():
            await OrganisationService(unit.session).add(NewOrganisation(key=who, name=house))
            people[who] = await MemberService(unit.session).add(f"Person {name}", who)
    people["joiner"] = people["member"]
    return replace(hub, people=people)


async def furnish(hub: Hub) -> Things:
    """Let the insiders ask, answer, write, and ask for contact."""
    water = await topic(hub, "Trinkwasser")
    await findable(hub, "paused", "Trinkwasser")
    async with hub.browser("paused") as browser:
        await browser.post("/konto/profil/findbar", data={"findbar": "paused"})
    question = await released(hub, "asker", released_as=ANONYMOUS, topics=(water,))
    answer = await answered(hub, question, "helper", "Der Brunnen heißt Fliebotz.", answered_as=ANONYMOUS)
    await written(hub, answer, "asker", "Wer ist Knirbel?")
    message = await written(hub, answer, "helper", "Knirbel ist der Brunnenbauer.")
    gone = await released(hub, "asker", text="Was macht Drumsel?", released_as=ANONYMOUS)
    lost = await answered(hub, gone, "helper", "Das macht Wumbrax.", answered_as=ANONYMOUS)
    async with hub.writing() as unit:
        service = QuestionService(unit)
        await service.join(question, author(hub, "joiner"))
        await service.withdraw(gone, author(hub, "asker"))
        await service.report(reader(hub, "joiner"), ReportedKind.QUESTION, question, ReportReason.OTHER, "Gnarfix!")
    waiting = await requested(hub, "asker", "helper", "Wir würden gern mit Schnopfel sprechen.")
    accepted = await requested(hub, "friend", "asker")
    async with hub.writing() as unit:
        await ContactService(unit).accept(accepted, hub.people["asker"].id)
    return Things(water, [question, gone], [answer, lost], message, [waiting, accepted])


async def read_by(hub: Hub, who: str | None, things: Things, *, below: str = "/") -> str:
    """Return all that somebody reads on pages whose address begins like this."""
    pages = []
    async with hub.browser(who) as browser:
        for address in filter(lambda address: address.startswith(below), things.addresses()):
            page = await browser.get(address)
            assert page.status_code < 500, (who, address)
            pages.append(page.text)
    return "\n".join(pages)


def nothing() -> Things:
    """Return what is not there, for its addresses."""
    some = UUID(int=7)
    return Things(some, [some], [some], some, [some])


class TestWhoReadsWhat:
    async def test_names_and_words_stay_where_they_were_given(self, hub: Hub) -> None:
        hub = await bring_insiders(hub)
        things = await furnish(hub)
        readers = {word: set[str | None]() for word in READS}
        knowing = {who: set[str | None]() for who in INSIDERS}
        async with searching(hub):
            for who in EVERYBODY:
                told = await read_by(hub, who, things)
                for word in READS:
                    readers[word] |= {who} if word in told else set()
                for insider, (name, _house) in INSIDERS.items():
                    knowing[insider] |= {who} if name in told else set()
        assert readers == READS
        assert knowing == KNOWS

    async def test_houses_of_the_anonymous_are_not_named(self, hub: Hub) -> None:
        hub = await bring_insiders(hub)
        water = await topic(hub, "Trinkwasser")
        question = await released(hub, "asker", released_as=ANONYMOUS, topics=(water,))
        answer = await answered(hub, question, "helper", answered_as=ANONYMOUS)
        message = await written(hub, answer, "helper", "Fragen Sie gern nach.")
        things = Things(water, [question], [answer], message, [])
        async with searching(hub):
            people = ("asker", "helper", "joiner", "moderator")
            told = {who: await read_by(hub, who, things, below="/fragen/") for who in people}
        # Whoever answers reads there as whom they may.
        houses = {INSIDERS["asker"][1]: [], INSIDERS["helper"][1]: ["helper"]}
        assert {house: [who for who in told if house in told[who]] for house in houses} == houses

    async def test_every_page_of_the_network_is_looked_at(self, hub: Hub) -> None:
        pages = {route.path for method, route in every_route(hub.app) if method == "GET"}
        network = {path for path in pages if path.startswith(NETWORK)}
        assert len(network) > 20
        looked_at = {route_of(hub, address) for address in nothing().addresses()}
        assert {path for path in looked_at if path.startswith(NETWORK)} == network
