"""Documents of the library: which there are, what they say, and their versions."""

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import Field

from hub.api.addresses import api_path, hub_address
from hub.api.dependencies import Caller, Reading, Requires
from hub.api.etags import IfNoneMatch, etag_of
from hub.api.paging import Page, Paged
from hub.api.schemas import Shown
from knowledge.access.rights import Right
from knowledge.library.addresses import document_path
from knowledge.library.answers.citations import notes
from knowledge.library.browsing.schemas import Sorting, Wanted
from knowledge.library.browsing.service import findable_documents
from knowledge.library.comparing import Line
from knowledge.library.editing import DocumentNotFound
from knowledge.library.overview import DocumentLine
from knowledge.library.reading import Place, ReadDocument, ReadPassage
from knowledge.library.reading import Reading as DocumentReading
from knowledge.models.document import Document, DocumentVersion, Kind, Rights, Visibility
from knowledge.models.organisation import Organisation
from knowledge.tokens.scopes import TokenScope

router = APIRouter(tags=["Documents"])
MayRead = Annotated[Caller, Depends(Requires(Right.LIBRARY_READ, TokenScope.DOCUMENTS_READ, free=True))]
Key = Annotated[UUID, Path(description="The document's identifier.", examples=["0f5a2f7e-6a43-4f0e-9a55-3a6d6b1f2c11"])]
# No document has more versions, or passages, than this.
MOST = 1_000_000
Number = Annotated[int, Path(ge=1, le=MOST, description="The number of the version, from 1 on.", examples=[1])]
# What the library's own caretakers need is not among them.
Sort = Literal["changed", "added", "title", "year"]


class DocumentSummary(Shown):
    """What a list says of a document."""

    id: UUID = Field(description="Its identifier, which stays.")
    title: str = Field(description="Its title.", examples=["Drohnen in der Bauaufsicht"])
    kind: Kind = Field(description="What kind of document it is.")
    publisher: str | None = Field(description="Who published it.", examples=["Stadt Lindenau"])
    organisation: UUID | None = Field(description="Whose it is.")
    organisation_name: str | None = Field(description="The name of that organisation.", examples=["Lindenau"])
    year: int | None = Field(description="From which year it is.", examples=[2024])
    topics: list[str] = Field(description="What it is about.", examples=[["Drohnen", "Bauaufsicht"]])
    language: str = Field(description="The language of its text.", examples=["de"])
    state: str | None = Field(description="The key of the Land that it is made for.", examples=["08"])
    visibility: Visibility = Field(description="Who may find it.")
    licence: str | None = Field(description="Under which licence it is.", examples=["CC BY 4.0"])
    rights: Rights = Field(description="What may be shown: all of it, quotations, or a link.")
    version: int = Field(description="The number of its current version.", examples=[2])
    valid_from: date | None = Field(description="From when on it holds.")
    valid_until: date | None = Field(description="Until when it holds.")
    review_by: date | None = Field(description="By when somebody should look whether it still holds.")
    added_at: datetime = Field(description="When it came into the library.")
    changed_at: datetime = Field(description="When it was changed last.")
    original: str | None = Field(
        description="Where the original is.", examples=["https://lindenau.example/drohnen.pdf"]
    )
    url: str = Field(description="Where the hub shows it.", examples=["https://allmende.example/dokument/…"])


class NearDocument(Shown):
    """A document beside another one."""

    id: UUID = Field(description="Its identifier.")
    title: str = Field(description="Its title.", examples=["Drohnen bei der Feuerwehr"])


class Version(Shown):
    """A version of a document."""

    number: int = Field(description="Its number, from 1 on.", examples=[2])
    made_at: datetime = Field(description="When it was made.")
    is_current: bool = Field(description="Whether it is the one that search finds.")


class DocumentDetails(DocumentSummary):
    """A document."""

    circle: str | None = Field(description="The circle that alone finds it.", examples=["Bauämter"])
    notes: list[str] = Field(description="What to mind.", examples=[["gilt nicht mehr, seit 1. Januar 2025"]])
    versions: list[Version] = Field(description="The versions that may be read, the oldest first.")
    duplicates: list[NearDocument] = Field(description="Documents with nearly the same text.")
    related: list[NearDocument] = Field(description="Documents on the same topics.")


class Heading(Shown):
    """A heading above a passage."""

    level: int = Field(description="Its level, from 1 on.", examples=[2])
    text: str = Field(description="What it says.", examples=["Kosten"])


class Passage(Shown):
    """A passage of a text."""

    position: int = Field(description="Its place in the version, from 0 on.", examples=[4])
    headings: list[Heading] = Field(description="The headings that are new above it.")
    text: str = Field(description="What it says.", examples=["Die Drohne hat 8.400 Euro gekostet."])
    locator: str | None = Field(description="Where it stands, in words.", examples=["p. 3"])
    quotable: bool = Field(description="Whether answers quote it.")


class Part(Shown):
    """Words of a line."""

    change: Literal["same", "gone", "new"] = Field(description="Whether they are in both versions.")
    text: str = Field(description="The words.", examples=["8.400 Euro"])


class ChangedLine(Shown):
    """A line of a comparison."""

    change: Literal["same", "gone", "new", "changed"] = Field(description="What became of the line.")
    parts: list[Part] = Field(description="Its words.")
    left_out: int = Field(description="Unchanged lines that are not listed in its place.", examples=[0])


class Difference(Shown):
    """What is different between two versions."""

    before: int = Field(description="The number of the one version.", examples=[1])
    after: int = Field(description="The number of the other.", examples=[2])
    complete: bool = Field(description="Whether both were compared to their ends.")
    lines: list[ChangedLine] = Field(description="The lines around the changes.")


@router.get("/documents", summary="List documents")
async def documents(  # noqa: PLR0913, PLR0917 - each is a part of the request
    request: Request,
    caller: MayRead,
    session: Reading,
    paging: Paged,
    kind: Annotated[Kind | None, Query(description="Only this kind.")] = None,
    topic: Annotated[
        str, Query(max_length=200, description="Only with this topic, spelled like this.", examples=["Drohnen"])
    ] = "",
    organisation: Annotated[UUID | None, Query(description="Only of this organisation.")] = None,
    sort: Annotated[Sort, Query(description="In which order.")] = "changed",
) -> Page[DocumentSummary]:
    """Return the documents that the caller may find."""
    wanted = Wanted(kind=kind, topic=topic, organisation_id=organisation, sorting=Sorting(sort))
    rows = await findable_documents(session, caller.viewer, wanted, offset=paging.offset, limit=paging.fetch)
    home = hub_address(request)
    return paging.page([DocumentSummary.model_validate(_summary(row[0], row[1], home)) for row in rows])


@router.get(
    "/documents/{document_id}",
    summary="Read what is known of a document",
    response_model=DocumentDetails,
    responses={308: {"description": "The document was merged with another one; `Location` says which."}},
)
async def document(
    request: Request, document_id: Key, caller: MayRead, session: Reading, seen: IfNoneMatch
) -> DocumentDetails | Response:
    """Return a document without its text. One that was merged with another leads there."""
    read = await DocumentReading(session, caller.viewer).read(document_id, Place())
    if read.gone_to is not None:
        return RedirectResponse(api_path(f"/documents/{read.gone_to}"), status_code=308)
    details = _details(read, caller, hub_address(request))
    return seen.answer(details, etag_of(details.model_dump(mode="json")))


@router.get("/documents/{document_id}/passages", summary="Read the text of a document")
async def passages(
    document_id: Key,
    caller: MayRead,
    session: Reading,
    paging: Paged,
    version: Annotated[int | None, Query(ge=1, le=MOST, description="Of an earlier version.", examples=[1])] = None,
) -> Page[Passage]:
    """Return the passages of a text in their order; none where the document's rights allow no more than quotations."""
    reading = DocumentReading(session, caller.viewer)
    found = await reading.some(document_id, version, first=paging.offset, count=paging.fetch)
    return paging.page([_passage(passage) for passage in found])


@router.get("/documents/{document_id}/versions", summary="List the versions of a document")
async def versions(document_id: Key, caller: MayRead, session: Reading, paging: Paged) -> Page[Version]:
    """Return the versions that may be read, the oldest first."""
    read = await DocumentReading(session, caller.viewer).read(document_id, Place())
    if read.gone_to is not None:
        raise DocumentNotFound
    return paging.page(paging.slice([_version(one, read.document) for one in read.versions]))


@router.get("/documents/{document_id}/versions/{number}", summary="Read what is known of a version")
async def version(document_id: Key, number: Number, caller: MayRead, session: Reading) -> Version:
    """Return one version that may be read."""
    read = await DocumentReading(session, caller.viewer).read(document_id, Place(version=number))
    if read.shown is None:
        raise DocumentNotFound
    return _version(read.shown, read.document)


@router.get("/documents/{document_id}/versions/{number}/passages/{position}", summary="Read one cited passage")
async def cited(
    document_id: Key,
    number: Number,
    position: Annotated[int, Path(ge=0, le=MOST, description="The place of the passage.", examples=[4])],
    caller: MayRead,
    session: Reading,
) -> Passage:
    """Return the passage that a citation leads to, also where no more than quotations may be shown."""
    read = await DocumentReading(session, caller.viewer).read(document_id, Place(version=number, position=position))
    if read.cited is None:
        raise DocumentNotFound
    return _passage(read.cited)


@router.get("/documents/{document_id}/versions/{number}/changes", summary="Compare two versions")
async def changes(
    document_id: Key,
    number: Number,
    caller: MayRead,
    session: Reading,
    since: Annotated[int, Query(ge=1, le=MOST, description="The version to compare with.", examples=[1])],
) -> Difference:
    """Return what is different in a version since an earlier one."""
    found = await DocumentReading(session, caller.viewer).compare(document_id, since, number)
    lines = [_line(line) for line in found.lines]
    return Difference(before=since, after=number, complete=found.complete, lines=lines)


def _summary(found: Document, organisation: Organisation | None, home: str) -> dict[str, object]:
    return {
        "id": found.id,
        "title": " ".join(found.title.split()),
        "kind": found.kind,
        "publisher": found.publisher,
        "organisation": found.organisation_id,
        "organisation_name": organisation.name if organisation else None,
        "year": found.year,
        "topics": found.topics,
        "language": found.language,
        "state": found.state_key,
        "visibility": found.visibility,
        "licence": found.licence,
        "rights": found.rights,
        "version": found.version,
        "valid_from": found.valid_from,
        "valid_until": found.valid_until,
        "review_by": found.review_by,
        "added_at": found.created_at,
        "changed_at": found.updated_at,
        "original": found.url,
        "url": home + document_path(found.id),
    }


def _details(read: ReadDocument, caller: Caller, home: str) -> DocumentDetails:
    found = read.document
    more = {
        "circle": read.circle,
        "notes": notes(found, caller.viewer),
        "versions": [_version(one, found) for one in read.versions],
        "duplicates": [_near(one) for one in read.duplicates],
        "related": [_near(one) for one in read.related],
    }
    return DocumentDetails.model_validate({**_summary(found, read.organisation, home), **more})


def _near(line: DocumentLine) -> NearDocument:
    return NearDocument(id=line.id, title=line.title)


def _version(found: DocumentVersion, of: Document) -> Version:
    return Version(number=found.number, made_at=found.created_at, is_current=found.number == of.version)


def _passage(found: ReadPassage) -> Passage:
    headings = [Heading(level=level, text=text) for level, text in found.headings]
    return Passage(
        position=found.position, headings=headings, text=found.text, locator=found.locator, quotable=found.quotable
    )


def _line(line: Line) -> ChangedLine:
    parts = [Part(change=part.change, text=part.text) for part in line.parts]
    return ChangedLine(change=line.change, parts=parts, left_out=line.left_out)
