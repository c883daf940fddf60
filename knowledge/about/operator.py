"""Who runs this Allmende, as far as the settings say so, and what they still leave open."""

from dataclasses import dataclass

from knowledge.kit.settings import Settings


@dataclass(frozen=True, slots=True)
class Operator:
    """Who runs this Allmende and how to reach them; what nobody set is empty.

    ``data_protection`` and ``accessibility`` are whom to write to about each, ``supervisory`` and ``enforcement`` who
    watches over it.
    """

    name: str
    address: str
    email: str
    phone: str
    representative: str
    register: str
    vat_id: str
    data_protection: str
    supervisory: str
    accessibility: str
    enforcement: str


# What law asks every public body for, with the setting that says it.
NEEDED = {
    "name": "ALLMENDE_OPERATOR_NAME",
    "address": "ALLMENDE_OPERATOR_ADDRESS",
    "email": "ALLMENDE_OPERATOR_EMAIL",
    "phone": "ALLMENDE_OPERATOR_PHONE",
    "representative": "ALLMENDE_OPERATOR_REPRESENTATIVE",
    "data_protection": "ALLMENDE_OPERATOR_DATA_PROTECTION_CONTACT",
    "supervisory": "ALLMENDE_OPERATOR_SUPERVISORY_AUTHORITY",
    "accessibility": "ALLMENDE_OPERATOR_ACCESSIBILITY_CONTACT",
    "enforcement": "ALLMENDE_OPERATOR_ENFORCEMENT_BODY",
}


def operator_of(settings: Settings) -> Operator:
    """Return what the settings say; the short lines for the chat stand in for name and mail address."""
    said, chats = settings.operator, settings.chats
    contact = (chats.operator_contact or "").strip()
    return Operator(
        name=_line(said.operator_name or chats.operator),
        address=_line(said.operator_address),
        email=_line(said.operator_email) or (contact if "@" in contact else ""),
        phone=_line(said.operator_phone) or (contact if contact and "@" not in contact else ""),
        representative=_line(said.operator_representative),
        register=_line(said.operator_register),
        vat_id=_line(said.operator_vat_id),
        data_protection=_line(said.operator_data_protection_contact),
        supervisory=_line(said.operator_supervisory_authority),
        accessibility=_line(said.operator_accessibility_contact),
        enforcement=_line(said.operator_enforcement_body),
    )


def missing_settings(settings: Settings) -> tuple[str, ...]:
    """Return the settings without which the pages about this Allmende cannot say what law asks for."""
    operator = operator_of(settings)
    return tuple(name for field, name in NEEDED.items() if not getattr(operator, field))


def in_one_line(settings: Settings) -> str:
    """Return who runs this and how to reach them, for a chat; empty where nobody said so."""
    operator, chats = operator_of(settings), settings.chats
    contact = chats.operator_contact or operator.email or operator.phone
    return ", ".join(part for part in (chats.operator or operator.name, contact) if part)


def _line(text: str | None) -> str:
    return " ".join((text or "").split())
