"""„Nachweise": one's own certificates, and whether somebody else's holds."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse

from hub.dependencies import Anybody, Member, Reading, Services, Writing
from hub.messages import redirect
from hub.pages.library_parts import read_text
from hub.pages.review_parts import typed_in, whole_or_nothing
from hub.pages.sign_in import caller_of
from hub.rendering import render
from hub.services import HubServices, services_of
from knowledge.access.rights import Visitor
from knowledge.certificates.document import (
    PATH,
    duration_text,
    file_name,
    make_pdf,
    verification_address,
)
from knowledge.certificates.errors import NameInvalid, NotEarned
from knowledge.certificates.names import LONGEST_NAME
from knowledge.certificates.schemas import Achievement, CertificateEntry
from knowledge.certificates.service import CertificateService
from knowledge.kit.errors import AllmendeError
from knowledge.kit.language import _, current_language
from knowledge.kit.unit_of_work import UnitOfWork, unit_of_work
from knowledge.models.certificate import CertificateKind

router = APIRouter()
OWN = "/nachweise"
ITEM = f"{OWN}/{{key:uuid}}"
LONGEST_CODE = 100


@dataclass(frozen=True, slots=True)
class CertificateCard:
    """One's own certificate in the list."""

    entry: CertificateEntry
    kind: str
    duration: str
    address: str


@dataclass(frozen=True, slots=True)
class AchievementCard:
    """What a certificate could be made for; ``action`` is where its form goes."""

    entry: Achievement
    kind: str
    duration: str
    action: str
    language: str


@dataclass(frozen=True, slots=True)
class OwnPage:
    """One's own certificates, and what one could have one made for.

    ``about`` is the action of the form that ``errors`` and ``name`` belong to, where one was sent. ``house`` says for
    what, and how many, people of the visitor's organisation have one.
    """

    certificates: Sequence[CertificateCard]
    possible: Sequence[AchievementCard]
    languages: Sequence[tuple[str, str]]
    name: str
    longest: int
    about: str
    errors: Mapping[str, str]
    house: Sequence[tuple[str, int]]


@dataclass(frozen=True, slots=True)
class VerifyPage:
    """Whether a code holds (``None``: none was asked about), and the form for another one."""

    holds: bool | None
    longest: int


@router.get(OWN)
async def own_certificates(request: Request, visitor: Member, session: Reading, services: Services) -> HTMLResponse:
    """Show one's own certificates."""
    page = await _own_page(CertificateService(UnitOfWork(session), services.access_key), visitor, services)
    return await render(request, "certificates/own.html", page)


@router.post(f"{OWN}/schulung/{{key:uuid}}")
async def for_training(request: Request, key: UUID, visitor: Member, unit: Writing) -> Response:
    """Have a certificate made for a training."""
    return await _made(request, unit, visitor, (CertificateKind.TRAINING, key))


@router.post(f"{OWN}/lernpfad/{{key:uuid}}")
async def for_path(request: Request, key: UUID, visitor: Member, unit: Writing) -> Response:
    """Have a certificate made for a path."""
    return await _made(request, unit, visitor, (CertificateKind.PATH, key))


@router.get(f"{ITEM}/pdf")
async def document(key: UUID, visitor: Member, session: Reading, services: Services) -> Response:
    """Give a certificate out as a file."""
    entry = await CertificateService(UnitOfWork(session), services.access_key).get(key, visitor.known.id)
    address = verification_address(services.settings.hub.address, entry.code)
    pdf = await asyncio.to_thread(make_pdf, entry, address)
    headers = {
        "Content-Disposition": f'attachment; filename="{file_name(entry)}"',
        "Cache-Control": "private, no-store",
    }
    return Response(pdf, media_type="application/pdf", headers=headers)


@router.post(f"{ITEM}/widerrufen")
async def revoke(key: UUID, visitor: Member, unit: Writing, services: Services) -> Response:
    """Take a certificate back."""
    await CertificateService(unit, services.access_key).revoke(key, visitor.known.id)
    return redirect(OWN, said="certificates.revoked")


@router.get(PATH)
async def verify_form(request: Request, _visitor: Anybody, services: Services, code: str = "") -> HTMLResponse:
    """Show the form, and whether the code that was typed into it holds."""
    return await _verified(request, services, code)


@router.get(f"{PATH}/{{code}}")
async def verify(request: Request, _visitor: Anybody, services: Services, code: str) -> HTMLResponse:
    """Say whether a certificate holds; wrong, unknown and revoked codes look the same."""
    return await _verified(request, services, code)


async def _verified(request: Request, services: HubServices, code: str) -> HTMLResponse:
    holds = None
    if code.strip():
        # A transaction of its own, so that a try counts whatever comes of the page.
        async with unit_of_work(services.database) as unit:
            certificates = CertificateService(unit, services.access_key)
            holds = await certificates.verify_from(code[:LONGEST_CODE], address=caller_of(request))
    return await render(request, "certificates/verify.html", VerifyPage(holds, LONGEST_CODE))


async def _made(
    request: Request, unit: UnitOfWork, visitor: Visitor, subject: tuple[CertificateKind, UUID]
) -> Response:
    certificates, (kind, key) = CertificateService(unit, services_of(request).access_key), subject
    typed = typed_in(await request.form())
    name, language = read_text(typed, "name", longest=10 * LONGEST_NAME), typed.get("language")
    make = certificates.for_training if kind is CertificateKind.TRAINING else certificates.for_path
    try:
        await whole_or_nothing(unit, make(visitor.known.id, key, name, language=language))
    except (NameInvalid, NotEarned) as error:
        return await _again(request, certificates, visitor, _Failed(_action(kind, key), name, error))
    return redirect(OWN, said="certificates.made")


@dataclass(frozen=True, slots=True)
class _Failed:
    """A form that was sent in vain: which one, the name in it, and why."""

    about: str
    name: str
    error: AllmendeError


async def _again(request: Request, certificates: CertificateService, visitor: Visitor, failed: _Failed) -> HTMLResponse:
    page = await _own_page(certificates, visitor, services_of(request), failed)
    return await render(request, "certificates/own.html", page, error=failed.error)


async def _own_page(
    certificates: CertificateService, visitor: Visitor, services: HubServices, failed: _Failed | None = None
) -> OwnPage:
    member, base = visitor.known, services.settings.hub.address
    made = [
        CertificateCard(
            entry, kind_name(entry.kind), duration_text(entry.minutes), verification_address(base, entry.code)
        )
        for entry in await certificates.of_member(member.id)
    ]
    possible = [_card(entry) for entry in await certificates.possible(member.id)]
    shown = failed is not None and failed.about in {card.action for card in possible}
    field = "name-" + failed.about.rpartition("/")[2] if failed and shown else ""
    return OwnPage(
        certificates=made,
        possible=possible,
        languages=[("de", _("German")), ("en", _("English"))],
        name=failed.name if failed else member.name,
        longest=LONGEST_NAME,
        about=failed.about if failed else "",
        errors={field: failed.error.message} if failed else {},
        house=await certificates.of_house(member.organisation_id),
    )


def _card(entry: Achievement) -> AchievementCard:
    action, language = _action(entry.kind, entry.subject_id), entry.language or current_language()
    return AchievementCard(entry, kind_name(entry.kind), duration_text(entry.minutes), action, language)


def _action(kind: CertificateKind, key: UUID) -> str:
    return f"{OWN}/{'schulung' if kind is CertificateKind.TRAINING else 'lernpfad'}/{key}"


def kind_name(kind: CertificateKind) -> str:
    """Return what a certificate is called."""
    names = {
        CertificateKind.TRAINING: _("Certificate of attendance"),
        CertificateKind.PATH: _("Certificate of learning"),
    }
    return names[kind]
