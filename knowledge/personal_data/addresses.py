"""Addresses: a street with a house number, with the postcode and town that follow.

Looked for from the number back to the words before it, so that each number is looked at once.
"""

import re
from collections.abc import Iterator

from knowledge.personal_data.lists import read_endings, read_words
from knowledge.personal_data.schemas import Finding, FindingKind

_HOUSE = re.compile(
    r"(?:(?<=[sS]tr\.)|(?<=[\w’'.)])[ \u00a0]{1,2}|(?<=\w), (?=[HN]))(?:(?:Haus-?)?[Nn]r\.? ?|Hausnummer )?"
    r"(?P<house>[1-9]\d{0,3}(?:[a-zA-Z](?![\w’'-])| [a-zA-Z](?![\w’'.-]))?(?: ?[-–/+] ?\d{1,4}(?: ?[a-z](?![\w.]))?)?)"
    r"(?![\w%€²])(?!(?!,\d{5})[.,:/-]\d)"
    r"(?!\. ?(?:\d|Bauabschnitt|Abschnitt|OG|Jan|Feb|März|April|Mai|Ju|Aug|Sep|Okt|Nov|Dez))"
)
_DOUBLE_TOWN = r"(?:Bad|Sankt|St\.|Markt|Groß|Klein|Alt|Neu|Ober|Unter|Hohen?|Neuen?|Alten?|Frankfurt|Rothenburg)"
_TOWN_WORD = r"[A-ZÄÖÜ][\w’'-]{1,40}"
_TOWN_LINK = r"(?:an der|am|im|in der|ob der|vor der|bei|unter|a\. ?d\.|a\.|i\.|v\. ?d\.)"
_PLACE = re.compile(
    r"(?:,? ?[|·/–-]?[ \n\u00a0]{1,2}|, ?)(?:in )?(?:D[- ])?\d{5}(?!\d)"
    rf"(?: (?:{_DOUBLE_TOWN} )?{_TOWN_WORD}(?:(?: {_TOWN_LINK} ?|/){_TOWN_WORD})?"
    r"(?: \([A-Z][\w. ]{1,20}\))?)?"
)
_WORD = re.compile(r"[\w’'-]{1,60}\.?(?:[ \u00a0]{1,2}|$)")
MOST_WORDS = 5
LONGEST_STREET = 110

_NO_STREET = re.compile(
    r"(?:arbeits|spiel|park|stell|sport|sitz|bolz|lager|steh|kita|krippen|studien|listen|rad|rettungs|dienst|wander|flucht|verwaltungs|rechts|lösungs|"
    r"^aus|^um|^hin|^rück|geh|^bau|recycling|wertstoff|betriebs|super|wochen|bildungs|fried|daten|text|such|auswahl|eingabe|pflicht|formular|"
    r"themen|handlungs|aufgaben|tätigkeits|geschäfts|sammel|^vor|beweg|train|monito|liefer|haupt|abstell|ausbildungs|praktikums|kinder|pflege|"
    r"betreuungs|liege|camping|zelt|wohnmobil|grill|hunde|^bade|^fest|container|abfall|büro|hallen|hort|schrittweg|umstiegs|verkehrs|bau|schul|kreis|"
    r"haltestellen|ferien|schnell|arbeitsmarkt|wirtschafts|förder|stufen|zeit|termin|haushalts|bebauungs|flächennutzungs|aktions|maßnahmen|personal|"
    r"stellen|dienst|lehr|hygiene|alarm|einsatz|master|lage|rahmen|finanz|medien|projekt|netz|not|funk|lös|ein|zu|ab|^über|^unter|^be|^er|^ver|^ge)"
    r"-?(?:weg|platz|ring|damm|steig|pfad|hof|markt|wall|feld|garten|blick|grund|tal|tor|berg|höhe|eck|bogen|bach|plan|breite|passage|brücke|siedlung|hang)$",
    re.IGNORECASE,
)
_PREPOSITION = re.compile(r"(?:am|an|im|in|zum|zur|auf|beim|vor|hinter|unter|unterm|bei)$", re.IGNORECASE)
_NEXT_WORD = re.compile(r"[ \u00a0](\w{1,30})")
_LINKS = ("der", "des", "am", "dem", "zum", "zur", "im", "vom")
_ARTICLE = ("der", "den", "dem", "die")
_ADJECTIVE = re.compile(r"(?:[A-ZÄÖÜ]\w{2,20}(?:er|en?|es)|Alt|Neu|Sankt|St\.|Dr\.|Bgm\.)$")
_SIZES = re.compile(
    r"(?:Alte|Neue|Obere|Untere|Kleine|Große|Lange|Kurze|Mittlere|Hintere|Vordere|Äußere|Innere|Hohe|Breite|Kalte|Grüne)[rn]?$"
)
_CUE = re.compile(
    r"wohn|Anschrift|adresse|gemeldet|Anwesen|lebt\b|zieh|zog|gezogen|address|lives|living|Eigentümer|Mieter",
    re.IGNORECASE,
)


def find_addresses(text: str) -> Iterator[Finding]:
    """Yield streets with a house number; “Spielplatz 3” and “Im Jahr 2024” are none."""
    for number in _HOUSE.finditer(text):
        if text[number.start() - 1].isdigit():
            continue
        cue = text[max(0, number.start() - LONGEST_STREET) : number.start()]
        before = _words_before(cue)
        if not before:
            continue
        place = _PLACE.match(text, number.end())
        if place is None and (_is_year(number["house"]) or _is_amount(text, number.end())):
            continue
        street = [word[0].strip() for word in before]
        length = _length_of_street(street, cued=bool(place or _CUE.search(cue)), placed=bool(place))
        length = length or _length_of_named(street, inside=cue[: before[0].start()].rstrip()[-1:] in (",", "(", "„"))
        if length:
            start = before[-length].start() + number.start() - len(cue)
            end = place.end() if place else number.end()
            yield Finding(FindingKind.ADDRESS, start, end, text[start:end])


def _words_before(text: str) -> list[re.Match[str]]:
    """Return the last words of a text, as far as nothing but spaces parts them from each other and from the end."""
    words: list[re.Match[str]] = []
    for word in _WORD.finditer(text):
        words = [*words[1 - MOST_WORDS :], word] if words and words[-1].end() == word.start() else [word]
    return words if words and words[-1].end() == len(text) else []


def _street_words(section: str) -> frozenset[str]:
    return read_words("streets.txt", section)


def _street_endings(section: str) -> tuple[str, ...]:
    return read_endings("streets.txt", section)


def _is_amount(text: str, position: int) -> bool:
    """Tell whether the number that ends here counts something: „3 Bäume“, „2 bis 4“."""
    following = _NEXT_WORD.match(text, position)
    return following is not None and (following[1].lower() in _street_words("units") or following[0] == " bis")


def _is_year(house: str) -> bool:
    return len(house) >= 4 and house[:2] in ("19", "20")


def _length_of_street(words: list[str], *, cued: bool, placed: bool) -> int:
    """Return how many of the last words are the name of a street; 0 if they are none."""
    last = words[-1]
    preposition = _length_after_preposition(words, cued=cued)
    if last.lower() in _street_words("sure") or last.lower() in _street_words("likely"):
        if preposition and words[-preposition][0].isupper():
            return preposition
        return _length_of_separate(words) or preposition or int(placed)
    return preposition or _length_of_square(words) or _length_of_compound(words, cued=cued, placed=placed)


def _length_of_square(words: list[str]) -> int:
    """Return the length of „Platz der Einheit“."""
    if len(words) < 3 or words[-2] not in _LINKS or not words[-1][0].isupper():
        return 0
    return 3 if words[-3].lower() in _street_words("bare") else 0


def _length_of_compound(words: list[str], *, cued: bool, placed: bool) -> int:
    """Return the length of „Lindenweg“, „Alte Poststraße“."""
    last, folded = words[-1], words[-1].lower()
    sure = folded.endswith(_street_endings("sure"))
    if not last[0].isupper():
        return int(sure and len(last) > 8)
    likely = folded.endswith(_street_endings("likely")) and (cued or not _NO_STREET.search(last))
    rare = cued and folded.endswith(_street_endings("rare"))
    if not (sure or likely or rare or placed):
        return 0
    return 2 if len(words) > 1 and _SIZES.match(words[-2]) else 1


def _length_of_separate(words: list[str]) -> int:
    """Return the length where the ending is a word of its own: „Alte Mainzer Straße“, „Konrad Adenauer Platz“."""
    count = 0
    for word in reversed(words[:-1]):
        if not (word[0].isupper() or (count and word in ("von", "zu", "van", "de"))) or _is_lead(word) or count == 3:
            break
        count += 1
    if not count or (words[-1].lower() in _street_words("likely") and not (count > 1 or _ADJECTIVE.match(words[-2]))):
        return 0
    return count + 1


def _is_lead(word: str) -> bool:
    return bool(_PREPOSITION.match(word)) or word in (
        "Der",
        "Die",
        "Das",
        "Den",
        "Adresse",
        "Anschrift",
        "Ecke",
        "Haus",
    )


def _length_of_named(words: list[str], *, inside: bool) -> int:
    """Return the length of „Am Brühl“, where only the capital within a sentence tells that it is a street."""
    for length in range(2, min(len(words), 4) + 1):
        lead, *rest = words[-length:]
        before = words[-length - 1] if length < len(words) else ""
        if (
            _PREPOSITION.match(lead)
            and lead[0].isupper()
            and rest[-1][0].isupper()
            and all(word[0].isupper() or word in _ARTICLE for word in rest)
        ):
            return length if (inside and not before) or (before and not before.endswith(".")) else 0
    return 0


def _length_after_preposition(words: list[str], *, cued: bool) -> int:
    """Return the length of „Am Mühlbach“, „An der Alten Mühle“; of other words only where a cue is there."""
    if not words[-1][0].isupper():
        return 0
    for length in range(2, min(len(words), 4) + 1):
        lead, *rest = words[-length:]
        if _PREPOSITION.match(lead) and all(word[0].isupper() or word in _ARTICLE for word in rest):
            plain = (
                lead[0].isupper()
                and bool(words[-1].lower().endswith(_street_endings("after preposition")))
                and not _NO_STREET.search(words[-1])
            )
            street_anyway = bool(words[-1].lower().endswith(_street_endings("sure"))) or (
                lead[0].islower() and bool(words[-1].lower().endswith(_street_endings("likely")))
            )
            return (
                length
                if not street_anyway
                and (plain or (cued and bool(words[-1].lower().endswith(_street_endings("after preposition")))))
                else 0
            )
    return 0
