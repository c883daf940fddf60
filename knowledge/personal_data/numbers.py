"""Numbers of persons and their things: bank accounts, tax and pension insurance numbers, licence plates."""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from knowledge.personal_data.check_digits import (
    IBAN_LENGTHS,
    is_iban,
    is_pension_number,
    is_tax_id,
    repeats_like_tax_id,
)
from knowledge.personal_data.schemas import Finding, FindingKind

_GAP = r"[ \u00a0\u202f]?"
_IBAN = re.compile(r"(?<![A-Za-z0-9])[A-Za-z]{2}\d{2}(?:[ \u00a0\u202f-]?[A-Za-z0-9]){11,30}")
_TAX_ID = re.compile(rf"(?<![\w+/.-])[1-9](?:{_GAP}\d){{10}}(?![\w/-])(?!\.\d)")
_TAX_NUMBER = re.compile(
    r"(?:Steuernummer|Steuer-?Nr\.?|St\.?-?Nr\.)[ \u00a0:]{1,3}((?:\d{2,3}[/ ]){1,2}\d{3,5}(?:[/ ]\d{3,5})?)(?![\w/])"
)
_TAX_CUE = re.compile(r"Steuer|IdNr|\bTIN\b|tax", re.IGNORECASE)
_PENSION = re.compile(
    rf"(?<![\w-])\d{{2}}{_GAP}\d{{2}}{_GAP}\d{{2}}{_GAP}\d{{2}}{_GAP}[A-Za-z]{_GAP}\d{{2}}{_GAP}\d(?!\w)"
)
_PLATE = re.compile(
    r"(?<![\w-])([A-ZÄÖÜ]{1,3})( ?[-–‑:·] ?|[ \u00a0])([A-Z]{1,2})(?: ?[-–‑·] ?|[ \u00a0]?)([1-9]\d{0,3})"
    r"(?:[ \u00a0]?([EH]))?(?![\w-])",
    re.IGNORECASE,
)
_PLATE_CUE = re.compile(
    r"kennz|fahrzeug|park|einfahrt|unfall|tank|stellplatz|anhänger|motorrad|roller|mofa|traktor|wohnmobil|bus\b|zugelassen|geparkt|abgestellt|parkend|knöllchen|verwarn|abschlepp|zulassung|ladesäule|fahrer|wagen|pkw|kfz|lkw|auto|halter|bulli|transporter|parkt|plate",
    re.IGNORECASE,
)
_PLATE_SURE_CUE = re.compile(r"kennzeichen|kennz\.|licen[cs]e plate", re.IGNORECASE)
# What also has the shape of a licence plate: directives, standards, and floors.
_NO_PLATE = frozenset({"VO", "RL", "EN", "EG", "OG", "UG", "DG", "ID", "NR", "BV"})
CUE_DISTANCE = 80


def find_numbers(text: str) -> Iterator[Finding]:
    """Yield what has the check digits, or the district code, of a number that belongs to a person."""
    yield from _find_ibans(text)
    yield from _find_tax_ids(text)
    yield from _find_pension_numbers(text)
    yield from _find_plates(text)


def _find_ibans(text: str) -> Iterator[Finding]:
    for match in _IBAN.finditer(text):
        length = IBAN_LENGTHS.get(match[0][:2].upper())
        end = _end_of(match[0], length) if length else None
        if end and not match[0][end : end + 1].isalnum() and is_iban(_squeezed(match[0][:end])):
            yield _finding(FindingKind.IBAN, text, match.start(), match.start() + end)


def _end_of(code: str, length: int) -> int | None:
    """Return where the letters and digits end that make up a length, or ``None`` where there are not as many."""
    positions = [position for position, character in enumerate(code) if character.isalnum()]
    return positions[length - 1] + 1 if len(positions) >= length else None


def _find_tax_ids(text: str) -> Iterator[Finding]:
    for match in _TAX_ID.finditer(text):
        digits = _squeezed(match[0])
        meant = bool(_TAX_CUE.search(text, max(0, match.start() - CUE_DISTANCE), match.start()))
        if is_tax_id(digits) and (meant or repeats_like_tax_id(digits)):
            yield _finding(FindingKind.TAX_ID, text, *match.span())
    for match in _TAX_NUMBER.finditer(text):
        yield _finding(FindingKind.TAX_ID, text, *match.span(1))


def _find_pension_numbers(text: str) -> Iterator[Finding]:
    for match in _PENSION.finditer(text):
        if is_pension_number(_squeezed(match[0])):
            yield _finding(FindingKind.SOCIAL_SECURITY, text, *match.span())


def _find_plates(text: str) -> Iterator[Finding]:
    for match in _PLATE.finditer(text):
        district, dash, letters, digits, ending = (part.upper() for part in match.groups(""))
        if not match[1].isupper() and not _PLATE_SURE_CUE.search(
            text, max(0, match.start() - CUE_DISTANCE), match.start()
        ):
            continue
        if district not in district_codes() or len(district + letters + digits + ending) > 8:
            continue
        around = text[max(0, match.start() - CUE_DISTANCE) : match.end() + CUE_DISTANCE]
        speaks_of_cars = bool(_PLATE_CUE.search(around))
        named = bool(_PLATE_SURE_CUE.search(text, max(0, match.start() - CUE_DISTANCE), match.start()))
        if named or (_is_plain_plate(letters, digits, meant=speaks_of_cars) and (dash.strip() or speaks_of_cars)):
            yield _finding(FindingKind.LICENCE_PLATE, text, match.start(), len(match[0].rstrip()) + match.start())


def _is_plain_plate(letters: str, digits: str, *, meant: bool) -> bool:
    """Tell whether letters and digits are a licence plate's, and no number of a law, a standard or a year."""
    return (letters not in _NO_PLATE or (meant and letters not in ("VO", "RL"))) and (
        meant or len(digits) < 4 or digits[:2] not in ("19", "20")
    )


@cache
def district_codes() -> frozenset[str]:
    """Return the letters with which German licence plates begin."""
    lines = Path(__file__).with_name("district_codes.txt").read_text(encoding="utf-8").splitlines()
    return frozenset(code for line in lines if not line.startswith("#") for code in line.split())


def _squeezed(code: str) -> str:
    return "".join(character for character in code if character.isalnum())


def _finding(kind: FindingKind, text: str, start: int, end: int) -> Finding:
    return Finding(kind, start, end, text[start:end])
