"""Which field of an experience a question asks for: the words that people ask with, by the heading that answers them.

„Welche Dienstvereinbarung gab es?" is answered below „Recht und Beteiligung", where the word may not occur. So these
words count for every sentence below such a heading, as the heading itself does.
"""

from knowledge.library.repository import FoundPassage
from knowledge.models.document import Kind

# By the beginning of the heading, in small letters.
_ASKED = {
    "kosten": "kostet kostete gekostet teuer Preis Preise bezahlt ausgegeben Budget Aufwand Förderung gefördert "
    "Fördermittel Förderprogramm Zuschuss cost costs funding",
    "recht": "Rechtsgrundlage rechtlich Gesetz Dienstvereinbarung Personalrat Mitbestimmung Beschäftigte beteiligt "
    "Beteiligung Datenschutz Datenschutzbeauftragte erlaubt agreement council legal",
    "was wir anders": "anders besser Fehler gelernt Lehren raten empfehlen Empfehlung differently learned",
    "was dabei heraus": "Ergebnis Ergebnisse herausgekommen heraus gebracht Erfolg Nutzen Wirkung gelohnt geklappt "
    "funktioniert result outcome",
    "was wir getan": "gemacht vorgegangen Vorgehen Schritte umgesetzt Umsetzung eingeführt steps done",
    "für wen": "passt geeignet eignet übertragbar suits",
    "zeitraum": "wann Dauer gedauert dauert lange when long",
    "produkte": "Produkt Anbieter Hersteller Software Programm Dienstleister Firma Partner product vendor partner",
    "daten": "Datenquelle Datenquellen Datengrundlage data",
    "ansprech": "fragen Kontakt Ansprechpartner Ansprechpartnerin contact ask",
}


def asked_words(found: FoundPassage) -> str:
    """Return the words that people ask with for the field in which a passage stands; mostly none."""
    if found.document.kind is not Kind.EXPERIENCE:
        return ""
    lowered = [heading.casefold() for heading in found.passage.headings]
    return " ".join(words for begin, words in _ASKED.items() if any(heading.startswith(begin) for heading in lowered))
