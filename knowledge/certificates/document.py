"""A certificate as a document: one page, archivable (PDF/A-2a) and accessible (PDF/UA-1)."""

import io
import json
from contextvars import copy_context
from typing import Any

import segno

from knowledge.certificates.schemas import CertificateEntry
from knowledge.certificates.typesetting import typeset
from knowledge.certificates.writable import writable
from knowledge.kit.clock import HOME
from knowledge.kit.language import _, choose_language, date_text, ngettext
from knowledge.models.certificate import CertificateKind

PATH = "/bescheinigung"
_REGIONS = {"de": "DE", "en": "GB"}
_TEMPLATE = "certificate.typ"


def verification_address(hub_url: str, code: str) -> str:
    """Return where a certificate is verified."""
    return f"{hub_url.rstrip('/')}{PATH}/{code}"


def make_pdf(entry: CertificateEntry, address: str) -> bytes:
    """Return a certificate as a PDF, in its own language; the same certificate gives the same bytes.

    Args:
        entry: what it says.
        address: where it is verified (see ``verification_address``).
    """
    said = copy_context().run(_said, entry, address)
    return typeset(_TEMPLATE, {"certificate": json.dumps(said)}, timestamp=int(entry.issued_at.timestamp()))


def file_name(entry: CertificateEntry) -> str:
    """Return what the file is called, in plain letters and without anything about its holder."""
    kind = "teilnahmebescheinigung" if entry.kind is CertificateKind.TRAINING else "lernnachweis"
    return f"{kind}-{entry.completed_on:%Y-%m-%d}.pdf"


def _said(entry: CertificateEntry, address: str) -> dict[str, Any]:
    """Return all that the document says; runs in a context of its own, whose language it changes."""
    choose_language(entry.language)
    title, name, publisher = (writable(text) for text in (entry.title, entry.name, entry.publisher))
    heading, has_done = _kind_texts(entry.kind)
    return {
        "language": entry.language,
        "region": _REGIONS[entry.language],
        "document_title": f"{heading}: {title}",
        "description": has_done,
        "heading": heading,
        "awarded_to": _("This is to certify that"),
        "has_done": has_done,
        "name": name,
        "title": title,
        "publisher": publisher,
        "facts": _facts(entry, publisher),
        "learned_heading": _("What was learned"),
        "learned": [line for text in entry.learned.split("\n") if (line := writable(text))],
        **_verifying(entry, address),
    }


def _kind_texts(kind: CertificateKind) -> tuple[str, str]:
    if kind is CertificateKind.TRAINING:
        return _("Certificate of attendance"), _("attended this training:")
    return _("Certificate of learning"), _("completed all lessons of this learning path:")


def _facts(entry: CertificateEntry, publisher: str) -> list[tuple[str, str]]:
    by = _("Held by") if entry.kind is CertificateKind.TRAINING else _("Published by")
    return [
        (_("Completed on"), date_text(entry.completed_on)),
        (_("Time spent learning"), duration_text(entry.minutes)),
        (by, publisher),
    ]


def _verifying(entry: CertificateEntry, address: str) -> dict[str, str]:
    return {
        "verify_heading": _("Is this certificate genuine?"),
        "verify_text": _("The page at this address says whether it is valid, and nothing else:"),
        "address": address,
        "qr": _qr_code(address),
        "qr_alt": _("QR code with the address at which this certificate is verified: {address}").format(
            address=address
        ),
        "note": _(
            "Issued on {date}. The name is as its holder gave it. For topics of artificial intelligence, this "
            "certificate can help to show AI literacy under Article 4 of Regulation (EU) 2024/1689."
        ).format(date=date_text(entry.issued_at.astimezone(HOME).date())),
    }


def duration_text(minutes: int) -> str:
    """Return a length of time in hours and minutes, in words."""
    hours, rest = divmod(max(minutes, 1), 60)
    parts = []
    if hours:
        parts.append(ngettext("{count} hour", "{count} hours", hours).format(count=hours))
    if rest:
        parts.append(ngettext("{count} minute", "{count} minutes", rest).format(count=rest))
    return " ".join(parts)


def _qr_code(address: str) -> str:
    """Return the QR code of an address as a drawing."""
    drawing = io.BytesIO()
    segno.make(address, error="m", micro=False).save(drawing, kind="svg", border=0, dark="#171a2b", xmldecl=False)
    return drawing.getvalue().decode()
