"""Every page of the hub by its route, with an address that shows something and who looks at it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from knowledge.kit.clock import now
from knowledge.mailing.kinds import MailWish
from tests.hub.browser.learning_stage import BEGUN, LESSON, PATH
from tests.hub.browser.stage import Stage


@dataclass(frozen=True, slots=True)
class Shown:
    """A page as somebody sees it; ``role`` is empty for somebody unknown."""

    address: Callable[[Stage], str]
    role: str = ""
    status: int = 200
    second_factor: bool = True
    # What is clicked there to come to the page.
    follow: str = ""


def fixed(address: str, role: str = "") -> Shown:
    """Return a page whose address needs nothing from the stage."""
    return Shown(lambda _stage: address, role)


def own(state: str, rest: str = "") -> Shown:
    """Return a page about one's own contribution in a state."""
    return Shown(lambda stage: f"/beitraege/{stage.contributions[state]}{rest}", "member")


def in_library(rest: str = "") -> Shown:
    """Return a page of the library about one document."""
    return Shown(lambda stage: f"/bibliothek/{stage.documents[0]}{rest}", "moderator")


def question(which: str, rest: str = "") -> Shown:
    """Return a page about an open question, as a member sees it."""
    return Shown(lambda stage: f"/fragen/{stage.network.questions[which]}{rest}", "member")


def of_answer(which: str, rest: str) -> Shown:
    """Return a page about an answer, as a member sees it."""
    return Shown(lambda stage: f"/fragen/antwort/{stage.network.answers[which]}/{rest}", "member")


def asked_for_contact(which: str, rest: str = "") -> Shown:
    """Return a page about a contact request, as a member sees it."""
    return Shown(lambda stage: f"/kontakte/{stage.network.requests[which]}{rest}", "member")


def confirmation(stage: Stage) -> str:
    """Return what the link in a mail carries that confirms an address."""
    return stage.tokens.confirmation(stage.network.mail["pending"], stage.members["member"], now())


def leaving(stage: Stage) -> str:
    """Return what the link in a mail carries by which one unsubscribes."""
    return stage.tokens.leaving(stage.network.mail["confirmed"], MailWish.DIGESTS)


def written(rest: str) -> Shown:
    """Return a page about a lesson, as an administrator sees it."""
    return Shown(lambda stage: f"/lernen/verwalten/{stage.learning.lesson}{rest}", "administrator")


def training(which: str, rest: str = "") -> Shown:
    """Return a page about a training, as a member sees it."""
    return Shown(lambda stage: f"/schulungen/{stage.training.trainings[which]}{rest}", "member")


def managed(which: str, rest: str = "") -> Shown:
    """Return a page about a training for whoever runs it."""
    return Shown(lambda stage: f"/schulungen/verwalten/{stage.training.trainings[which]}{rest}", "publisher")


ASKED = "/suche?q=Was+kostet+die+Erfassung+der+Straßen+mit+einer+Kamera%3F"
PAGES: Mapping[str, Shown] = {
    "/": fixed("/", "administrator"),
    "/suche": fixed(ASKED),
    "/chat": fixed("/chat", "member"),
    "/ueber": fixed("/ueber"),
    "/datenschutz": fixed("/datenschutz"),
    "/barrierefreiheit": fixed("/barrierefreiheit"),
    "/impressum": fixed("/impressum", "administrator"),
    "/leichte-sprache": fixed("/leichte-sprache"),
    "/barriere-melden": fixed("/barriere-melden?seite=/suche"),
    "/inhalt-melden": fixed("/inhalt-melden?seite=/lernen"),
    "/gemeldet/{number}": fixed("/gemeldet/B-BCDFGHJK"),
    "/hinweise": fixed("/hinweise", "moderator"),
    "/dokument/{key}": Shown(lambda stage: f"/dokument/{stage.documents[0]}", "administrator"),
    "/dokument/{key}/melden": Shown(lambda stage: f"/dokument/{stage.documents[0]}/melden", "member"),
    "/anmelden": fixed("/anmelden"),
    "/anmelden/link/{token}": fixed("/anmelden/link/nicht-geraten"),
    "/anmelden/verzeichnis": fixed("/anmelden/verzeichnis"),
    "/anmelden/verzeichnis/problem": Shown(lambda _stage: "/anmelden/verzeichnis/problem?art=denied", status=422),
    "/verzeichnisse": fixed("/verzeichnisse", "administrator"),
    "/verzeichnisse/neu": fixed("/verzeichnisse/neu", "administrator"),
    "/verzeichnisse/{provider_id:uuid}": Shown(lambda stage: f"/verzeichnisse/{stage.directory}", "administrator"),
    "/verzeichnisse/{provider_id:uuid}/entfernen": Shown(
        lambda stage: f"/verzeichnisse/{stage.directory}/entfernen", "administrator"
    ),
    "/anmelden/bestaetigen": Shown(
        lambda _stage: "/anmelden/bestaetigen?weiter=/konto", "moderator", second_factor=False
    ),
    "/konto": fixed("/konto", "member"),
    "/konto/zugang": fixed("/konto/zugang", "member"),
    "/konto/zugaenge": fixed("/konto/zugaenge", "member"),
    "/zugaenge": fixed("/zugaenge", "administrator"),
    "/api": fixed("/api"),
    "/api/{key}": fixed("/api/contributions"),
    "/konto/daten": fixed("/konto/daten", "member"),
    "/konto/loeschen": fixed("/konto/loeschen", "member"),
    "/konto/geloescht": fixed("/konto/geloescht"),
    "/konto/formular": Shown(lambda _stage: "/konto/formular", "member", status=404),
    "/mitglieder": fixed("/mitglieder", "administrator"),
    "/mitglieder/einladen": fixed("/mitglieder/einladen", "administrator"),
    "/mitglieder/{member_id}": Shown(lambda stage: f"/mitglieder/{stage.members['moderator']}", "administrator"),
    "/antwort/{answer_id}": Shown(lambda _stage: ASKED, "member", follow="a[href^='/antwort/']"),
    "/beitraege": fixed("/beitraege", "member"),
    "/beitraege/neu": fixed("/beitraege/neu", "member"),
    "/beitraege/korrektur/{document}": Shown(lambda stage: f"/beitraege/korrektur/{stage.documents[0]}", "member"),
    "/beitraege/{key}": own("asked"),
    "/beitraege/{key}/bearbeiten": own("draft", "/bearbeiten"),
    "/beitraege/{key}/pruefen": own("draft", "/pruefen"),
    "/beitraege/{key}/senden": own("draft", "/senden"),
    "/beitraege/{key}/zurueckziehen": own("published", "/zurueckziehen"),
    "/freigaben": fixed("/freigaben", "releaser"),
    "/freigaben/{key}": Shown(lambda stage: f"/freigaben/{stage.contributions['house']}", "releaser"),
    "/kreise": fixed("/kreise", "administrator"),
    "/kreise/{circle_id}": Shown(lambda stage: f"/kreise/{stage.circle}", "administrator"),
    "/protokoll": fixed("/protokoll", "administrator"),
    "/organisationen": fixed("/organisationen", "administrator"),
    "/organisationen/neu": fixed("/organisationen/neu", "administrator"),
    "/organisationen/{key}": fixed("/organisationen/kleinow", "administrator"),
    "/bibliothek": fixed("/bibliothek", "moderator"),
    "/bibliothek/hochladen": fixed("/bibliothek/hochladen", "publisher"),
    "/bibliothek/synonyme": fixed("/bibliothek/synonyme", "publisher"),
    "/bibliothek/{key:uuid}": in_library(),
    "/bibliothek/{key:uuid}/vergleich": in_library("/vergleich?a=1&b=2"),
    "/bibliothek/{key:uuid}/zusammenfuehren": in_library("/zusammenfuehren"),
    "/pruefung": fixed("/pruefung", "moderator"),
    "/pruefung/{key}": Shown(lambda stage: f"/pruefung/{stage.contributions['waiting']}", "moderator"),
    "/pruefung/{key}/bearbeiten": Shown(
        lambda stage: f"/pruefung/{stage.contributions['waiting']}/bearbeiten", "moderator"
    ),
    "/pruefung/{key}/zusammenfuehren": Shown(
        lambda stage: f"/pruefung/{stage.contributions['waiting']}/zusammenfuehren", "moderator"
    ),
    "/pruefung/meldung/{key}": Shown(lambda stage: f"/pruefung/meldung/{stage.report}", "moderator"),
    "/fragen": fixed("/fragen", "member"),
    "/fragen/offen": fixed("/fragen/offen", "member"),
    "/fragen/antworten": fixed("/fragen/antworten", "member"),
    "/fragen/meldungen": fixed("/fragen/meldungen", "moderator"),
    "/fragen/neu": fixed("/fragen/neu", "member"),
    "/fragen/{key:uuid}": question("mine"),
    "/fragen/{key:uuid}/themen": question("mine", "/themen"),
    "/fragen/{key:uuid}/zurueckziehen": question("mine", "/zurueckziehen"),
    "/fragen/antwort/{key:uuid}/beitrag": of_answer("given", "beitrag"),
    "/fragen/antwort/{key:uuid}/zuruecknehmen": of_answer("given", "zuruecknehmen"),
    "/fragen/melden/{kind}/{key:uuid}": Shown(
        lambda stage: f"/fragen/melden/frage/{stage.network.questions['asked']}", "member"
    ),
    "/netzwerk": Shown(lambda stage: f"/netzwerk?thema={stage.network.topic}", "member"),
    "/kontakte": fixed("/kontakte", "member"),
    "/kontakte/{key:uuid}": asked_for_contact("accepted"),
    "/kontakte/{key:uuid}/weitergeben": asked_for_contact("received", "/weitergeben"),
    "/konto/profil": fixed("/konto/profil", "member"),
    "/konto/post": fixed("/konto/post", "member"),
    "/post/bestaetigen/{token}": Shown(lambda stage: f"/post/bestaetigen/{confirmation(stage)}"),
    "/abmelden/{token}": Shown(lambda stage: f"/abmelden/{leaving(stage)}"),
    "/betreuung": fixed("/betreuung", "member"),
    "/betreuung/{key}/zurueckziehen": Shown(lambda stage: f"/betreuung/{stage.documents[0]}/zurueckziehen", "member"),
    "/uebergabe": fixed("/uebergabe", "member"),
    "/nachfolge": fixed("/nachfolge", "member"),
    "/luecken": fixed("/luecken", "publisher"),
    "/luecken/{key:uuid}": Shown(lambda stage: f"/luecken/{stage.network.gap}", "publisher"),
    "/zahlen": fixed("/zahlen", "moderator"),
    "/schulungen": fixed("/schulungen", "member"),
    "/schulungen/{key:uuid}": training("open"),
    "/schulungen/{key:uuid}/abmelden": training("full", "/abmelden"),
    "/schulungen/meine": fixed("/schulungen/meine", "member"),
    "/schulungen/verwalten": fixed("/schulungen/verwalten", "publisher"),
    "/schulungen/verwalten/neu": fixed("/schulungen/verwalten/neu", "publisher"),
    "/schulungen/verwalten/{key:uuid}": managed("open"),
    "/schulungen/verwalten/{key:uuid}/bearbeiten": managed("open", "/bearbeiten"),
    "/schulungen/verwalten/{key:uuid}/absagen": managed("full", "/absagen"),
    "/schulungen/verwalten/{key:uuid}/teilnehmende": managed("past", "/teilnehmende"),
    "/schulungen/verwalten/{key:uuid}/fragen": managed("open", "/fragen"),
    "/schulungen/verwalten/{key:uuid}/material": managed("open", "/material?q=Straßen"),
    "/schulungen/verwalten/{key:uuid}/ergebnisse": managed("past", "/ergebnisse"),
    "/lernen": fixed("/lernen", "member"),
    "/lernen/{key}": Shown(lambda stage: f"/lernen/{BEGUN}?schritt={stage.learning.question}", "member"),
    "/lernen/pfad/{key}": fixed(f"/lernen/pfad/{PATH}", "member"),
    "/lernen/pfad/{key}/arbeitskreis": fixed(f"/lernen/pfad/{PATH}/arbeitskreis", "moderator"),
    "/lernen/verwalten": fixed("/lernen/verwalten", "publisher"),
    "/lernen/verwalten/neu": fixed("/lernen/verwalten/neu", "publisher"),
    "/lernen/verwalten/einspielen": fixed("/lernen/verwalten/einspielen", "publisher"),
    "/lernen/verwalten/{key:uuid}": written(""),
    "/lernen/verwalten/{key:uuid}/vorschau": written("/vorschau"),
    "/lernen/verwalten/pfad/neu": fixed("/lernen/verwalten/pfad/neu", "publisher"),
    "/lernen/verwalten/pfad/{key:uuid}": Shown(
        lambda stage: f"/lernen/verwalten/pfad/{stage.learning.path}", "publisher"
    ),
    "/wieweit": fixed("/wieweit"),
    "/wieweit/ergebnis": fixed("/wieweit/ergebnis", "member"),
    "/nachweise": fixed("/nachweise", "member"),
    "/bescheinigung": fixed("/bescheinigung"),
    "/bescheinigung/{code}": fixed("/bescheinigung/AAAAA-AAAAA-AAAAA-AAAAA"),
    "/themen": fixed("/themen", "moderator"),
    "/themen/{key:uuid}": Shown(lambda stage: f"/themen/{stage.network.topic}", "moderator"),
}
# Nothing that is shown: files, and addresses that only lead on.
NOT_SHOWN = frozenset(
    {
        "/konto/daten/json",
        "/konto/daten/text",
        "/protokoll/tabelle",
        "/metrics",
        "/chat/datei/{message:int}",
        "/chat/neues",
        "/anmelden/verzeichnis/rueckkehr",
        "/anmelden/verzeichnis/abgemeldet",
        # Only with what the browser keeps on the way back; test_directory_journey.py looks at it.
        "/anmelden/verzeichnis/beitreten",
        "/anmelden/verzeichnis/abmelden",
        "/health/live",
        "/health/ready",
        "/nachweise/{key:uuid}/pdf",
        "/zahlen/{name}.svg",
        "/zahlen/{name}.csv",
        "/kalender/oeffentlich.ics",
        "/kalender/{token}.ics",
        "/schulungen/{key:uuid}/kalender.ics",
        "/schulungen/verwalten/{key:uuid}/teilnehmende/tabelle",
        "/lernen/{key}/bild/{digest}/{name}",
        "/lernen/verwalten/{key:uuid}/bild/{digest}/{name}",
    }
)
# Pages without a route of their own, or in another state.
FURTHER: Mapping[str, Shown] = {
    "start, unknown": fixed("/"),
    "conversation, unknown": fixed("/chat"),
    "start, English": fixed("/?sprache=en"),
    "search, nothing found": fixed("/suche?q=Quastenflosser"),
    "review, asked": Shown(lambda stage: f"/pruefung/{stage.contributions['asked']}", "moderator"),
    "review, published": Shown(lambda stage: f"/pruefung/{stage.contributions['published']}", "moderator"),
    "review, reports": fixed("/pruefung?stand=reports", "moderator"),
    "start, what waits": fixed("/", "member"),
    "question, of others": question("asked"),
    "profile, filtered": fixed("/konto/profil?filter=brunnen", "member"),
    "peers, without words": fixed("/netzwerk", "member"),
    "training, waiting": training("full"),
    "training, over": training("past"),
    "training, draft": managed("draft"),
    "figures, municipalities": fixed("/zahlen?bereich=netzwerk", "member"),
    "figures, too few": fixed("/zahlen?bereich=kommune", "member"),
    "figures, chosen colours": fixed("/zahlen?bereich=lernen&farben=auto", "moderator"),
    "learn, unknown": fixed("/lernen"),
    "lesson, about": fixed(f"/lernen/{LESSON}", "member"),
    "lesson, read by somebody unknown": fixed(f"/lernen/{LESSON}?schritt=1&pfad={PATH}"),
    "lesson, answered": Shown(lambda stage: f"/lernen/{BEGUN}?schritt={stage.learning.question}&antwort=1", "member"),
    "lesson, finished": fixed(f"/lernen/{LESSON}?schritt=99&pfad={PATH}", "member"),
    "not found": Shown(lambda _stage: "/gibt-es-nicht", status=404),
    "not allowed": Shown(lambda _stage: "/pruefung", "member", status=403),
}
