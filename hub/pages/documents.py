"""A document at its permanent address: as much of it as its rights and the visitor allow."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse
from sqlalchemy.ext.asyncio import AsyncSession

from hub.dependencies import Anybody, Reading, Services
from hub.pages.library_parts import TextBlock, kind_name, read_id, read_number, rights_name, safe_link, text_blocks
from hub.rendering import local_date, render
from knowledge.access.rights import Right, Visitor
from knowledge.kit.language import _
from knowledge.library.addresses import PLACE, document_path
from knowledge.library.answers.citations import notes
from knowledge.library.experiences import Again, Progress, size_text, value_label
from knowledge.library.overview import DocumentLine
from knowledge.library.reading import Place, ReadDocument, ReadPassage
from knowledge.library.reading import Reading as DocumentReading
from knowledge.library.service import COMMAND_LINE
from knowledge.models.document import Document, Kind, Rights
from knowledge.organisations.service import OrganisationService
from knowledge.organisations.states import state_name

router = APIRouter()
# Begins what is noted about an upload: for which organisation somebody did it, never who.
ORGANISATION = "organisation:"
# Levels of headings: the page's own is the first.
DEEPEST = 6


@dataclass(frozen=True, slots=True)
class ShownPassage:
    """A passage with the headings that are new above it (with their levels on the page), and whether it was cited."""

    headings: Sequence[tuple[int, str]]
    blocks: Sequence[TextBlock]
    locator: str | None
    is_cited: bool


@dataclass(frozen=True, slots=True)
class VersionLine:
    """A version that may be read."""

    number: int
    made_at: datetime
    path: str
    is_shown: bool


@dataclass(frozen=True, slots=True)
class EarlierLine:
    """A document that became this one, with its versions."""

    title: str
    versions: Sequence[VersionLine]


@dataclass(frozen=True, slots=True)
class DocumentPage:
    """A document and everything that the visitor may know of it."""

    key: UUID
    title: str
    kind: str
    facts: Sequence[tuple[str, str]]
    notes: Sequence[str]
    rights: Rights
    link: str | None
    version: int
    is_current: bool
    passages: Sequence[ShownPassage]
    cited: ShownPassage | None
    place: str
    page: int
    pages: int
    address: str
    versions: Sequence[VersionLine]
    earlier: Sequence[EarlierLine]
    provenance: Sequence[tuple[str, str]]
    citation: str
    duplicates: Sequence[DocumentLine]
    related: Sequence[DocumentLine]
    may_manage: bool
    kind_name: Callable[[Kind], str] = kind_name


@router.get("/dokument/{key}")
async def document(request: Request, key: UUID, visitor: Anybody, session: Reading, services: Services) -> Response:
    """Show a document, or lead to where it went."""
    place = _place(request.query_params)
    read = await DocumentReading(session, visitor.viewer).read(key, place)
    if read.gone_to is not None:
        return RedirectResponse(_where_it_went(read.gone_to, key, place), status_code=308)
    home = services.settings.hub.hub_url or str(request.base_url)
    page = await _page(session, visitor, read, place, home.rstrip("/"))
    return await render(request, "documents/document.html", page)


def _place(values: Mapping[str, str]) -> Place:
    return Place(
        version=read_number(values.get("v")),
        position=read_number(values.get("p")),
        page=read_number(values.get("seite")),
        earlier=read_id(values.get("frueher")),
    )


def _where_it_went(target: UUID, key: UUID, place: Place) -> str:
    """Return the address of the document that another one became; of its own version, where one is meant."""
    if place.version is None:
        return document_path(target)
    return _of_earlier(document_path(target, place.version, place.position), key)


def _of_earlier(path: str, key: UUID) -> str:
    return path.replace("?", f"?frueher={key}&", 1)


async def _page(session: AsyncSession, visitor: Visitor, read: ReadDocument, place: Place, home: str) -> DocumentPage:
    document, number = read.document, read.shown.number if read.shown else read.document.version
    is_earlier = place.earlier is not None
    cited = _passage(read.cited, read.cited) if read.cited else None
    first = read.passages[0].headings if read.passages else ()
    above = document.title if (1, document.title) in first else None
    return DocumentPage(
        key=document.id,
        title=" ".join(document.title.split()),
        kind=kind_name(document.kind),
        facts=_facts(read),
        notes=notes(document, visitor.viewer),
        rights=document.rights,
        link=safe_link(document.url),
        version=number,
        is_current=not is_earlier and number == document.version,
        passages=[_passage(passage, read.cited, above=above) for passage in read.passages],
        cited=cited,
        place=PLACE,
        page=read.page,
        pages=read.pages,
        address=_address(document, number, place),
        versions=_versions(document, read, shown=None if is_earlier else number),
        earlier=[
            EarlierLine(
                " ".join(other.title.split()),
                [
                    VersionLine(
                        version.number,
                        version.created_at,
                        _of_earlier(document_path(document.id, version.number), other.id),
                        other.id == place.earlier and version.number == number,
                    )
                    for version in other.versions
                ],
            )
            for other in read.earlier
        ],
        provenance=await _provenance(session, read),
        citation=_citation(read, number, home),
        duplicates=read.duplicates,
        related=read.related,
        may_manage=visitor.may(Right.LIBRARY_MANAGE),
    )


def _address(document: Document, number: int, place: Place) -> str:
    path = document_path(document.id, number)
    if place.earlier is not None:
        path = _of_earlier(path, place.earlier)
    return f"{path}&seite="


def _versions(document: Document, read: ReadDocument, *, shown: int | None) -> list[VersionLine]:
    return [
        VersionLine(
            version.number, version.created_at, document_path(document.id, version.number), version.number == shown
        )
        for version in reversed(read.versions)
    ]


def _passage(passage: ReadPassage, cited: ReadPassage | None, *, above: str | None = None) -> ShownPassage:
    """Return a passage as it is shown; ``above`` is a heading that the page has already, as its own."""
    raised = 0 if above else 1
    headings = [(level, text) for level, text in passage.headings if (level, text) != (1, above)]
    return ShownPassage(
        headings=[(max(2, min(level + raised, DEEPEST)), text) for level, text in headings],
        blocks=text_blocks(passage.text),
        locator=passage.locator,
        is_cited=cited is not None and passage.position == cited.position,
    )


def _facts(read: ReadDocument) -> list[tuple[str, str]]:
    document, organisation = read.document, read.organisation
    size = size_text(organisation.population) if organisation and organisation.population else None
    own = document.details if document.kind is Kind.EXPERIENCE else {}
    rows = [
        (_("Organisation"), organisation.name if organisation else None),
        (_("Size"), size if own or document.kind is Kind.EXPERIENCE else None),
        (_("Published by"), document.publisher),
        (_("Year"), str(document.year) if document.year else None),
        (_("Status"), _value(Progress, own.get("status"))),
        (_("Would we do it again?"), _value(Again, own.get("would_do_again"))),
        (_("Period"), own.get("period")),
        (_("Costs, effort and funding"), own.get("costs")),
        (_("Land"), state_name(document.state_key)),
        (_("Valid from"), local_date(document.valid_from)),
        (_("Valid until"), local_date(document.valid_until)),
        (_("Topics"), ", ".join(document.topics)),
        (_("Licence"), document.licence),
        (_("Rights"), rights_name(document.rights)),
        (_("To be reviewed by"), local_date(document.review_by)),
        (_("Circle"), read.circle),
    ]
    return [(name, str(value)) for name, value in rows if value]


def _value(kind: type[Progress] | type[Again], value: object) -> str | None:
    try:
        return value_label(kind(value)) if isinstance(value, str) else None
    except ValueError:
        return None


async def _provenance(session: AsyncSession, read: ReadDocument) -> list[tuple[str, str]]:
    document = read.document
    if document.kind is Kind.EXPERIENCE and document.added_by != COMMAND_LINE:
        rows = [(_("Comes from"), _("a contribution that people of the network have reviewed"))]
    else:
        rows = [
            (_("File"), document.source.rsplit("/", 1)[-1]),
            (_("Brought in by"), await _who(session, document.added_by)),
        ]
    return [*rows, (_("In the library since"), local_date(document.created_at))]


async def _who(session: AsyncSession, added_by: str) -> str:
    """Return who brought a document in: an organisation or the command line, never a person."""
    if added_by == COMMAND_LINE:
        return _("command line")
    key = read_id(added_by.removeprefix(ORGANISATION)) if added_by.startswith(ORGANISATION) else None
    found = await OrganisationService(session).repository.get(key) if key else None
    return found.name if found else _("the network")


def _citation(read: ReadDocument, number: int, home: str) -> str:
    """Return how to cite a document, in one line."""
    document = read.document
    by = read.organisation.name if read.organisation else document.publisher
    year = f" ({document.year})" if document.year else ""
    begin = f"{by}{year}: " if by else ""
    when = local_date(read.shown.created_at if read.shown else document.updated_at)
    version = _("Version {number} of {day}").format(number=number, day=when)
    line = f"{begin}{document.title}. {version}. Allmende, {home}{document_path(document.id, number)}"
    return " ".join(line.split())
