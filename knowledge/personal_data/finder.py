"""Finding what looks like personal data in German municipal texts."""

from collections.abc import Iterable, Iterator

from knowledge.personal_data.addresses import find_addresses
from knowledge.personal_data.cases import find_cases
from knowledge.personal_data.contacts import find_contacts
from knowledge.personal_data.names import find_names
from knowledge.personal_data.numbers import find_numbers
from knowledge.personal_data.schemas import Finding, FindingKind

# What is certain wins over what only looks alike: check digits and an @ over words and lengths.
_CERTAIN = {
    FindingKind.IBAN: 3,
    FindingKind.SOCIAL_SECURITY: 3,
    FindingKind.TAX_ID: 2,
    FindingKind.MAIL: 2,
    FindingKind.BIRTH_DATE: 1,
    FindingKind.CASE_NUMBER: 1,
}


def find_personal_data(text: str) -> list[Finding]:
    """Return what looks like personal data in a text, in order and without overlaps.

    Where two findings overlap, the more certain kind stays, then the longer one.
    """
    found = _without_overlaps(_all_findings(text))
    return sorted(found, key=lambda finding: finding.start)


def _all_findings(text: str) -> Iterator[Finding]:
    yield from find_numbers(text)
    yield from find_contacts(text)
    yield from find_cases(text)
    yield from find_addresses(text)
    yield from find_names(text)


def _without_overlaps(findings: Iterable[Finding]) -> list[Finding]:
    taken: set[int] = set()
    kept = []
    for finding in sorted(findings, key=_rank):
        places = range(finding.start, finding.end)
        if places and taken.isdisjoint(places):
            taken.update(places)
            kept.append(finding)
    return kept


def _rank(finding: Finding) -> tuple[int, int, int]:
    return (-_CERTAIN.get(finding.kind, 0), finding.start - finding.end, finding.start)
