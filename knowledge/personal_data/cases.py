"""Numbers of concrete cases, and dates of birth: what a word before (or after) gives away."""

import re
from collections.abc import Iterator

from knowledge.personal_data.schemas import Finding, FindingKind

_CASE_CUE = re.compile(
    r"(?<!\w)(?:(?:Az|GZ|Gz|Gesch(?:äfts)?\.?-?[zZ]|Aktenz|Kassenz|Kz)(?:\.|:|(?= ?\S{0,12}\d))|"
    r"A\.Z\.|AZ[.:]?|AktZ\.?|AKZ|GeschZ\.?|G\.Z\.|"
    r"Ak?te?nz\w{0,8}|Geschäfts?z\w{0,8}|Kassenz\w{0,8}|"
    r"\w{0,20}[Aa]kt(?:en)?-?zeichen|Geschäfts-?zeichen|Kassen-?zeichen|Buchungs-?zeichen|Vorgangs-?zeichen|"
    r"(?:unser|ihr|mein)e?m? Zeichen|(?:Vorgangs|Fall|Geschäfts|Akten|Kassen|Bescheid|Personal)-?(?:nummer|nr\.?)|"
    r"(?:case|file) (?:number|no\.?)|file reference|reference number)(?:s|n)?(?!\w)[.:]*",
    re.IGNORECASE,
)
# Words that may stand between the cue and the number: few, without a digit, within the sentence.
_BETWEEN = re.compile(
    r"(?:[ \u00a0\n]{1,2}(?:(?![A-ZÄÖÜ]{1,4}\b)[^\W\d][^\W\d-]{0,30}[.:,]?|[(„\"“–-])(?=[ \u00a0\n:(„\"“]|$)){0,5}"
    r"[ \u00a0\n:=(„\"“#-]{0,4}"
)
# „… 50-1/23 und 50-2/23“: the second one is known by its shape alone.
_NEXT_CASE = re.compile(r"(?:,| und| sowie| oder| bzw\.| and| /) (?=[\w.]{0,10}\d[\w.]{0,12}[/-][\w./-]{0,20}\d)")
_CHUNK = re.compile(r"[^\s,;„“”\"()\[\]]+(?:\([^\s()]{1,10}\)[^\s,;„“”\"()\[\]]*)?")
_CASE_DATE = re.compile(r"\d{1,2}\.\d{1,2}\.(?:\d{4}|\d{2})?|\d{4}-\d\d-\d\d|(?:19|20)\d\d")
_ABBREVIATED = re.compile(r"[A-ZÄÖÜ]{1,4}|[IVX]{1,6}|[A-Z][a-z]{1,3}|[a-z]|[/–-]")

_MONTHS = (
    r"(?:Jan(?:uar|uary|\.)?|Jänner|Feb(?:ruar|ruary|\.)?|März|Maerz|March|Mrz\.?|Apr(?:il|\.)?|Mai|May|"
    r"Juni?|June|Juli?|July|Aug(?:ust|\.)?|"
    r"Sept?(?:ember|\.)?|O[kc]t(?:ober|\.)?|Nov(?:ember|\.)?|De[zc](?:ember|\.)?)"
)
_YEAR = r"(?:(?:19|20)\d\d|\d\d)"
_BIRTH = (
    rf"(?:\d{{1,2}}\. ?\d{{1,2}}\. ?{_YEAR}|\d{{1,2}}[/-]\d{{1,2}}[/-]{_YEAR}|(?:19|20)\d\d-\d\d-\d\d|"
    rf"\d{{1,2}}\.? ?{_MONTHS} ?{_YEAR}|{_MONTHS} \d{{1,2}}(?:st|nd|rd|th)?, ?(?:19|20)\d\d)(?!\d)"
)
_BIRTH_AFTER_CUE = re.compile(
    r"(?:(?<!\w)(?:geboren(?:e[rn]?)?(?!\w)|geb\.|geb(?!\w)|Geburts-?(?:datum|tag|dat\.?|d\.)(?:e?s)?(?!\w)|"
    r"Geb\.? ?-?(?:dat\.|datum|tag)|born(?!\w)|date of birth|DOB(?!\w)|birthday)"
    rf"(?:[^\d.;!?*]|\b[a-z]{{1,2}}\.|\b\d{{5}} ){{0,60}}?|\* ?)(?<!\d)(?<!\d\.)"
    rf"({_BIRTH}|(?:(?<=geboren )|(?<=geboren im Jahr ))(?:19|20)\d\d(?!\d)(?!\.\d))",
    re.IGNORECASE,
)
_BIRTH_BEFORE_CUE = re.compile(rf"(?<![\d.])({_BIRTH})[^\d.;!?\n]{{0,40}}?\b(?:geboren(?:e[nrms]?)?|zur Welt|born)\b")
# Ideas and projects are “born” as well.
_NO_PERSON = re.compile(r"\b(?:\w{0,20}[Ii]dee|\w{0,30}[Pp]rojekts?|Konzepts?|Gedanke|Wunsch|idea|project)\b")


MOST_PARTS = 8


def find_cases(text: str) -> Iterator[Finding]:
    """Yield the numbers that stand after words such as “Aktenzeichen”, and the dates after such as “geboren am”."""
    for cue in _CASE_CUE.finditer(text):
        between = _BETWEEN.match(text, cue.end())
        start = between.end() if between else cue.end()
        direct = not text[cue.end() : start].strip(" .:#\u00a0\n")
        while (end := _end_of_number(text, start, direct=direct)) is not None:
            yield Finding(FindingKind.CASE_NUMBER, start, end, text[start:end])
            start = next_one.end() if (next_one := _NEXT_CASE.match(text, end)) else len(text)
    for pattern in (_BIRTH_AFTER_CUE, _BIRTH_BEFORE_CUE):
        for match in pattern.finditer(text):
            if "geboren" not in match[0] or not _NO_PERSON.search(text, max(0, match.start() - 60), match.end()):
                yield Finding(FindingKind.BIRTH_DATE, *match.span(1), match[1])


def _end_of_number(text: str, start: int, *, direct: bool) -> int | None:
    """Return where the case number ends that begins at ``start``; ``None`` if none does."""
    position = end = start
    for _number in range(MOST_PARTS):
        chunk = _CHUNK.match(text, position)
        if chunk is None or not _belongs(chunk[0].rstrip(".:!?"), first=position == start):
            break
        end = chunk.start() + len(chunk[0].rstrip(".:!?"))
        if end != chunk.end() or text[end : end + 1] not in (" ", "\u00a0"):
            break
        position = end + 1
    end = start + len(text[start:end].rstrip(" \u00a0-–/"))
    return end if _is_number(text[start:end], direct=direct) else None


def _belongs(chunk: str, *, first: bool) -> bool:
    if any(character.isdigit() for character in chunk):
        return first or len(chunk) == 4 or not _CASE_DATE.fullmatch(chunk)
    return bool(_ABBREVIATED.fullmatch(chunk)) and chunk not in (
        "Die",
        "Der",
        "Das",
        "Im",
        "Am",
        "In",
        "Es",
        "Ein",
        "Wir",
    )


def _is_number(code: str, *, direct: bool) -> bool:
    digits = sum(character.isdigit() for character in code)
    date = bool(_CASE_DATE.fullmatch(code)) and not (direct and len(code) > 4)
    return digits >= 2 and len(code) >= 4 and not date
