"""Every page of the hub by its route, with an address that shows something and who looks at it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

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


ASKED = "/suche?q=Was+kostet+die+Erfassung+der+Straßen+mit+einer+Kamera%3F"
PAGES: Mapping[str, Shown] = {
    "/": fixed("/", "administrator"),
    "/suche": fixed(ASKED),
    "/dokument/{key}": Shown(lambda stage: f"/dokument/{stage.documents[0]}", "administrator"),
    "/dokument/{key}/melden": Shown(lambda stage: f"/dokument/{stage.documents[0]}/melden", "member"),
    "/anmelden": fixed("/anmelden"),
    "/anmelden/link/{token}": fixed("/anmelden/link/nicht-geraten"),
    "/anmelden/bestaetigen": Shown(
        lambda _stage: "/anmelden/bestaetigen?weiter=/konto", "moderator", second_factor=False
    ),
    "/konto": fixed("/konto", "member"),
    "/konto/zugang": fixed("/konto/zugang", "member"),
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
}
# Nothing that is shown: files, and addresses that only lead on.
NOT_SHOWN = frozenset({"/protokoll/tabelle"})
# Pages without a route of their own, or in another state.
FURTHER: Mapping[str, Shown] = {
    "start, unknown": fixed("/"),
    "start, English": fixed("/?sprache=en"),
    "search, nothing found": fixed("/suche?q=Quastenflosser"),
    "review, asked": Shown(lambda stage: f"/pruefung/{stage.contributions['asked']}", "moderator"),
    "review, published": Shown(lambda stage: f"/pruefung/{stage.contributions['published']}", "moderator"),
    "review, reports": fixed("/pruefung?stand=reports", "moderator"),
    "not found": Shown(lambda _stage: "/gibt-es-nicht", status=404),
    "not allowed": Shown(lambda _stage: "/pruefung", "member", status=403),
}
