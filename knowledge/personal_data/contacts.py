"""Ways to reach a person: mail addresses and phone numbers."""

import re
from collections.abc import Iterator

from knowledge.personal_data.schemas import Finding, FindingKind

_AT = r"(?:@| ?\( ?(?:at|ät) ?\) ?| ?\[ ?(?:at|ät) ?\] ?| ?\{ ?at ?\} ?)"
_DOT = r"(?:\.| ?[(\[] ?(?:dot|punkt) ?[)\]] ?)"
_LABEL = r"[^\W_][\w-]{0,62}"
# Local part and labels are bounded, so that a long row of letters costs no more than once its length.
_MAIL = re.compile(
    rf"(?<![\w.%+-])[\w.%+-]{{1,64}}{_AT}{_LABEL}(?:{_DOT}{_LABEL}){{1,5}}",
    re.IGNORECASE,
)
_NUMBER = r"[(+]?\d[\d ()/–\u00a0\u202f.‑-]{0,30}\d"
_CUED_PHONE = re.compile(
    r"(?<!\w)(?:(?:Dienst|Privat|Mobil|Handy|Telefon|Fax|Telefax|Festnetz|Ruf|Rückruf|Durchwahl)-?(?:nummer|nr\.?)|"
    r"Tel(?:efon|efax|\.-?Nr)?|Fon|Fax|Mobil(?:telefon|funk)?|Handy|Phone|Mobile|Cell|Durchwahl|DW|App\.|Apparat|"
    r"Dienst(?:telefon|handy)|Privat(?:telefon|handy)|Festnetz|Hotline|WhatsApp|Call|Anschluss|Nst|Nebenstelle|Ruf)"
    r"\.?[ \u00a0\n]?[:=]?[ \u00a0\n]{0,2}"
    r"(?:(?:ist|lautet|war|unter|is|die|der|des|von|direkt|dienstlich|privat|mobil|meine|seine|ihre|Nummer|Nr\.|auch|at)"
    r"[ :]{1,2}){0,3}"
    rf"({_NUMBER}|-\d{{1,5}})",
    re.IGNORECASE,
)
_PLAIN_PHONE = re.compile(rf"(?<![\w.,:/+§-])(?<![\w.,:/+§-] )?((?:\+\d|\(?\+49|\(?00?[1-9]){_NUMBER[7:]})(?![\w%€])")
_DATE = re.compile(r"\d{1,2}[./-] ?\d{1,2}[./-] ?(?:\d{4}|\d{2})(?!\d)|\d{4}-\d\d-\d\d")
# Numbers that reach no person: the administration's own, emergencies, doctors on call.
_PUBLIC_NUMBERS = frozenset(("115", "110", "112", "116117", "116 117", "116 116", "116116"))
_AMOUNT = re.compile(
    r" ?(?:Uhr|Euro|EUR|€|%|Prozent|Anrufen?|Stunden?|Tagen?|Minuten?|Mal\b|mal\b|Leitungen|Geräten?|Apparaten?)"
)
# The digits are the end of a longer number.
_GOES_ON = re.compile(r"\d[ \u00a0]?$")
# What a number is that begins with a zero but is no phone number.
_NO_PHONE_CUE = re.compile(
    r"(?:Drucksachen?|Vorlagen?|Beschluss\w*|Vergabe\w*|Haushaltsstelle|Produkt\w*|Konto\w*|Artikel\w*|Zähler\w*|Inventar\w*"
    r"|Kunden\w*|Rechnung\w*|Anlagen?\w*|Serien\w*|Ausschreibung\w*|Vertrag\w*|Los|Bestell\w*|Kostenstelle|Sachkonto|Ticket"
    r"|Version|ISBN|Norm|DIN|Schlüssel\w*|\w{0,30}nummer|\w{0,30}-?Nr|ID)\.?:? ?#?$",
    re.IGNORECASE,
)


def find_contacts(text: str) -> Iterator[Finding]:
    """Yield mail addresses, also those written with “(at)”, and phone numbers with or without a word before them."""
    for match in _MAIL.finditer(text):
        end = match.end() - len(match[0]) + len(match[0].rstrip("-_."))
        yield Finding(FindingKind.MAIL, match.start(), end, text[match.start() : end])
    for match in _CUED_PHONE.finditer(text):
        if match[1] in _PUBLIC_NUMBERS or _AMOUNT.match(text, match.end()):
            continue
        yield from _phone(text, *match.span(1), fewest=2)
    for match in _PLAIN_PHONE.finditer(text):
        before = text[max(0, match.start() - 40) : match.start()]
        if not _DATE.match(match[1]) and not _GOES_ON.search(before) and not _NO_PHONE_CUE.search(before):
            yield from _phone(text, *match.span(1), fewest=8)


def _phone(text: str, start: int, end: int, *, fewest: int) -> Iterator[Finding]:
    number = text[start:end]
    # A bracket that opened before the number is no part of it.
    if number.count(")") > number.count("("):
        number = number[: number.rindex(")")]
    if number.count("(") > number.count(")"):
        number = number[: number.rindex("(")] if not number.startswith("(") else number[1:]
        start += text[start] == "(" and not number.startswith("(")
    number = number.rstrip(" .-–/()\u00a0")
    digits = sum(character.isdigit() for character in number)
    if fewest <= digits <= 17 and not _DATE.fullmatch(number):
        yield Finding(FindingKind.PHONE, start, start + len(number), number)
