"""What looks like personal data in a text, and where."""

from dataclasses import dataclass
from enum import StrEnum

from knowledge.kit.language import _


class FindingKind(StrEnum):
    """What kind of personal data something looks like."""

    NAME = "name"
    MAIL = "mail"
    PHONE = "phone"
    IBAN = "iban"
    TAX_ID = "tax_id"
    SOCIAL_SECURITY = "social_security"
    CASE_NUMBER = "case_number"
    ADDRESS = "address"
    BIRTH_DATE = "birth_date"
    LICENCE_PLATE = "licence_plate"


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that looks like personal data: ``text[start:end]`` of what was looked at, with a kind."""

    kind: FindingKind
    start: int
    end: int
    text: str


def finding_word(kind: FindingKind) -> str:
    """Return what a person reads for a kind; in square brackets it also stands in for what was redacted."""
    words = {
        FindingKind.NAME: _("name"),
        FindingKind.MAIL: _("mail address"),
        FindingKind.PHONE: _("phone number"),
        FindingKind.IBAN: _("bank account"),
        FindingKind.TAX_ID: _("tax number"),
        FindingKind.SOCIAL_SECURITY: _("social security number"),
        FindingKind.CASE_NUMBER: _("file reference"),
        FindingKind.ADDRESS: _("address"),
        FindingKind.BIRTH_DATE: _("date of birth"),
        FindingKind.LICENCE_PLATE: _("licence plate"),
    }
    return words[kind]


def redact(text: str, finding: Finding) -> str:
    """Return the text with a finding replaced by its kind in brackets, such as „[Name]"; unchanged if it is gone."""
    if text[finding.start : finding.end] != finding.text:
        return text
    return f"{text[: finding.start]}[{finding_word(finding.kind)}]{text[finding.end :]}"
