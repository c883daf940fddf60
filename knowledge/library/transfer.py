"""Documents as JSON lines, with everything in them: out of one library, into another, or back into the same one.

Passages are not part of a line: they are made anew from the blocks, as is all that the indexes need.
"""

from collections.abc import AsyncIterator, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from enum import StrEnum
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, ValidationError, model_validator

from knowledge.access.visibility import access_token
from knowledge.circles.audiences import audience_of, circles_of
from knowledge.circles.service import CircleService
from knowledge.kit.errors import InvalidInput
from knowledge.kit.ids import new_id
from knowledge.kit.language import _
from knowledge.kit.unit_of_work import UnitOfWork
from knowledge.library.descriptions import check_period, check_url, check_year
from knowledge.library.files.blocks import Block, ParsedFile
from knowledge.library.indexes.jobs import ask_for
from knowledge.library.repository import DocumentFilter, DocumentRepository
from knowledge.library.service import pack_blocks, unpack_blocks
from knowledge.library.text.abbreviations import find_abbreviations
from knowledge.library.text.duplicates import bands, fingerprint
from knowledge.library.text.passages import split_passages
from knowledge.models.document import Document, DocumentVersion, Kind, Rights, Status, Visibility
from knowledge.models.organisation import Organisation, OrganisationKind
from knowledge.organisations.queries import read_key
from knowledge.organisations.schemas import NewOrganisation
from knowledge.organisations.service import OrganisationNotFound, OrganisationService
from knowledge.organisations.states import find_state
from knowledge.synonyms.service import SynonymService
from knowledge.watches.jobs import look_for_watches

FORMAT_VERSION = 1


class LineDamaged(InvalidInput):
    """A line is no exported document."""

    code = "transfer.line_damaged"


class LineFromNewerProgram(InvalidInput):
    """A line was written by a newer program."""

    code = "transfer.newer"

    def __init__(self) -> None:
        super().__init__(_("This document is from a newer version of Allmende. Please update the program first."))


class RegisterMissing(InvalidInput):
    """A document belongs to an organisation of the official register, which is not here."""

    code = "transfer.register_missing"

    def __init__(self, key: str) -> None:
        message = _(
            "The organisation {key} is unknown here. Please import the official register first "
            "(allmende organisations import FILE), then these documents again."
        )
        super().__init__(message.format(key=key))


def _storable(text: str) -> str:
    if "\x00" in text:
        raise ValueError("a NUL character cannot be stored")
    return text


Text = Annotated[str, AfterValidator(_storable)]


class _Part(BaseModel):
    """Base of the parts of a line: unknown fields are refused, so that nothing is lost unseen."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class BlockPart(_Part):
    """A block, as in :class:`knowledge.library.files.blocks.Block`."""

    kind: Literal["heading", "paragraph", "list", "table"]
    text: Text
    level: Annotated[int, Field(ge=0, le=6)] = 0
    place: Literal["page", "slide", "sheet"] | None = None
    number: Annotated[int, Field(ge=0, lt=2**31)] | None = None
    label: Text | None = None
    note: Literal["toc", "references", "footnote"] | None = None


class VersionPart(_Part):
    """One version of a document."""

    number: Annotated[int, Field(ge=1, lt=2**31)]
    content_hash: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
    media_type: Annotated[Text, Field(max_length=120)]
    size: Annotated[int, Field(ge=0, lt=2**63)]
    added_by: Annotated[Text, Field(max_length=64)]
    created_at: AwareDatetime
    blocks: tuple[BlockPart, ...]


class OrganisationPart(_Part):
    """Whose document it is; enough to know, or to make, a body that is in no register."""

    key: Annotated[Text, Field(max_length=80)]
    name: Text
    kind: OrganisationKind
    state: Text | None
    example: bool


class DocumentLine(_Part):
    """One line of an export: a document with all its versions, oldest first."""

    format: Literal["allmende-document"] = "allmende-document"
    format_version: int = FORMAT_VERSION
    id: UUID
    source: Text
    title: Text
    kind: Kind
    publisher: Text | None
    organisation: OrganisationPart | None
    year: int | None
    licence: Text | None
    rights: Rights
    url: Text | None
    language: Annotated[Text, Field(max_length=2)]
    visibility: Visibility
    # The name of the circle that alone may find it; exports from before there were circles lack the field.
    circle: Text | None = None
    # Or the names of the circles that find it together; exports from before there was a hub lack the field.
    circles: tuple[Text, ...] = ()
    status: Status
    state: Text | None
    valid_from: date | None
    valid_until: date | None
    review_by: date | None
    topics: tuple[Text, ...]
    details: dict[str, Any]
    version: Annotated[int, Field(ge=1)]
    added_by: Annotated[Text, Field(max_length=64)]
    created_at: AwareDatetime
    updated_at: AwareDatetime
    withdrawn_at: AwareDatetime | None
    # The first version that readers may read; exports from before there was a hub lack the field.
    shown_from: Annotated[int, Field(ge=1, lt=2**31)] = 1
    versions: Annotated[tuple[VersionPart, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _current_version_is_last(self) -> Self:
        numbers = [version.number for version in self.versions]
        if numbers != sorted(set(numbers)) or numbers[-1] != self.version:
            raise ValueError("the versions must be in order, and the last one the current one")
        return self

    def same_as(self, other: Self) -> bool:
        """Whether both say the same, apart from the key of the document and the organisation's present name."""
        mine, theirs = (self._comparable(line) for line in (self, other))
        return mine == theirs

    @staticmethod
    def _comparable(line: "DocumentLine") -> dict[str, Any]:
        values = dict(line)
        values["organisation"] = line.organisation.key if line.organisation else None
        return {name: value for name, value in values.items() if name != "id"}


class _Identity(BaseModel):
    """The part of a line that every version of the format has."""

    format: Literal["allmende-document"]
    format_version: int


class TransferResult(StrEnum):
    """What became of a line; ``KEPT`` says that the library's own state is the newer one."""

    ADDED = "added"
    NEW_VERSION = "new_version"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    KEPT = "kept"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class TransferOutcome:
    """What became of one line, counted from 1."""

    line: int
    source: str | None
    result: TransferResult
    document: str | None = None
    title: str | None = None
    version: int | None = None
    message: str | None = None


def read_line(line: bytes) -> DocumentLine:
    """Read a line of an export. Raises ``LineDamaged`` saying where, ``LineFromNewerProgram``, ``WrongDescription``."""
    try:
        if _Identity.model_validate_json(line).format_version > FORMAT_VERSION:
            raise LineFromNewerProgram
        read = DocumentLine.model_validate_json(line)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        problem = f"{place}: {first['msg']}" if place else first["msg"]
        raise LineDamaged(_("This line is no exported document ({problem}).").format(problem=problem)) from error
    if read.year is not None:
        check_year(read.year)
    if read.url is not None:
        check_url(read.url)
    check_period(read.valid_from, read.valid_until)
    return read


class TransferService:
    """Export and import of documents within one unit of work; index jobs commit with each change."""

    def __init__(self, unit: UnitOfWork) -> None:
        self._session = unit.session
        self._documents = DocumentRepository(unit.session)
        self._organisations = OrganisationService(unit.session)
        self._synonyms = SynonymService(unit.session)
        self._circles = CircleService(unit.session)

    async def export(self, *, published: bool = False) -> AsyncIterator[DocumentLine]:
        """Yield all documents by source, withdrawn ones too unless only the ``published`` are wanted."""
        wanted = DocumentFilter(status=Status.PUBLISHED if published else None)
        # In an order of our own: databases disagree on the alphabet.
        for document, organisation in sorted(await self._documents.listed(wanted), key=lambda row: row[0].source):
            yield await self._line_of(document, organisation)

    async def take_in(self, line: DocumentLine, *, number: int = 1) -> TransferOutcome:
        """Make a document of a line, or bring the document of the same source up to date.

        Of two states the one that was changed last wins, so that an old export never brings back what was withdrawn
        since; a version that is here already is never lost.

        Raises ``RegisterMissing``, ``HouseNeedsOrganisation``, ``VisibilityNeedsCircle``, ``UnknownState``.
        """
        document = await self._documents.by_source(line.source)
        if document is None:
            result, document = TransferResult.ADDED, await self._new(line)
        else:
            result = await self._compare(document, line)
        if result is TransferResult.UPDATED:
            result = await self._update(document, line)
        if result not in (TransferResult.UNCHANGED, TransferResult.KEPT):
            await ask_for(self._session, [document.id])
            await look_for_watches(self._session)
        return TransferOutcome(number, line.source, result, str(document.id), document.title, document.version)

    async def _compare(self, document: Document, line: DocumentLine) -> TransferResult:
        stored = await self._line_of(document, await self._organisation_of(document))
        if line.same_as(stored):
            return TransferResult.UNCHANGED
        return TransferResult.UPDATED if line.updated_at > document.updated_at else TransferResult.KEPT

    async def _organisation_of(self, document: Document) -> Organisation | None:
        if document.organisation_id is None:
            return None
        return await self._organisations.repository.get(document.organisation_id)

    async def _line_of(self, document: Document, organisation: Organisation | None) -> DocumentLine:
        versions = await self._documents.versions(document.id, with_content=True)
        circle = await self._circles.by_id(document.circle_id) if document.circle_id else None
        return DocumentLine(
            **{name: getattr(document, name) for name in _COPIED},
            id=document.id,
            topics=tuple(document.topics),
            state=document.state_key,
            version=document.version,
            circle=circle.name if circle else None,
            circles=await self._circle_names(document),
            organisation=_organisation_part(organisation) if organisation else None,
            # One that came after the document was read belongs to a later moment.
            versions=tuple(_version_part(version) for version in versions if version.number <= document.version),
        )

    async def _new(self, line: DocumentLine) -> Document:
        taken = await self._documents.get(line.id)
        document = Document(id=line.id if taken is None else new_id(), version=0)
        await self._describe(document, line)
        self._documents.add(document)
        await self._documents.flush()
        await self._add_versions(document, line, line.versions)
        return document

    async def _update(self, document: Document, line: DocumentLine) -> TransferResult:
        """Take over what a newer line says; its versions follow ours, or continue them."""
        stored = {version.number: version.content_hash for version in await self._documents.versions(document.id)}
        offered = {version.number: version.content_hash for version in line.versions}
        current = line.versions[-1]
        if stored.items() <= offered.items():
            missing = [version for version in line.versions if version.number not in stored]
        elif current.content_hash != stored[document.version]:
            missing = [current.model_copy(update={"number": document.version + 1})]
        else:
            missing = []
        await self._describe(document, line)
        if not missing:
            await self._documents.flush()
            return TransferResult.UPDATED
        await self._add_versions(document, line, missing)
        return TransferResult.NEW_VERSION

    async def _describe(self, document: Document, line: DocumentLine) -> None:
        organisation = await self._known_organisation(line.organisation) if line.organisation else None
        for name in _COPIED:
            setattr(document, name, getattr(line, name))
        document.topics = list(line.topics)
        document.state_key = find_state(line.state) if line.state else None
        document.organisation_id = organisation.id if organisation else None
        document.circle_id = await self._known_circle(line)
        document.audience_id = await self._known_audience(line)
        document.access = access_token(
            line.visibility, document.organisation_id, document.circle_id, document.audience_id
        )
        if line.status is Status.PUBLISHED:
            document.withdrawn_at = None

    async def _known_organisation(self, part: OrganisationPart) -> Organisation:
        """Return the organisation of a line; a body that is in no register is made where it is missing."""
        try:
            return await self._organisations.get_by_key(part.key)
        except OrganisationNotFound as error:
            if read_key(part.key) is not None:
                raise RegisterMissing(part.key) from error
        return await self._organisations.add(
            NewOrganisation(name=part.name, kind=part.kind, key=part.key, state=part.state, example=part.example)
        )

    async def _known_circle(self, line: DocumentLine) -> UUID | None:
        """Return the circle of a line; one that is missing is made, without a group."""
        if line.visibility is not Visibility.CIRCLE or line.circle is None:
            return None
        return (await self._circles.get_or_add(line.circle)).id

    async def _known_audience(self, line: DocumentLine) -> UUID | None:
        """Return the audience of a line that several circles find; missing ones are made, without groups."""
        if line.visibility is not Visibility.CIRCLE or line.circle is not None or not line.circles:
            return None
        circles = [await self._circles.get_or_add(name) for name in line.circles]
        return await audience_of(self._session, [circle.id for circle in circles])

    async def _circle_names(self, document: Document) -> tuple[str, ...]:
        if document.audience_id is None:
            return ()
        names = await self._circles.repository.names()
        return tuple(sorted(names[circle] for circle in await circles_of(self._session, document.audience_id)))

    async def _add_versions(self, document: Document, line: DocumentLine, versions: Sequence[VersionPart]) -> None:
        """Add versions of a document, the last of which becomes the current one, with all that is made of it."""
        for part in versions:
            self._documents.add(_version_row(document.id, part))
        current = versions[-1]
        document.version = current.number
        await self._documents.flush()
        blocks = _blocks(current)
        passages = split_passages(ParsedFile(blocks, line.title, {}, current.media_type))
        rows = [
            {**asdict(draft), "headings": list(draft.headings), "document_id": document.id, "position": position}
            for position, draft in enumerate(passages)
        ]
        text = _text_of(blocks)
        await self._documents.replace_passages(document.id, rows)
        await self._documents.replace_bands(document.id, bands(fingerprint(text)))
        await self._synonyms.learn(document.id, [(found.short, found.long) for found in find_abbreviations(text)])


# What a line and a row of the table call by the same name and hold in the same form.
_COPIED = (
    "source",
    "title",
    "kind",
    "publisher",
    "year",
    "licence",
    "rights",
    "url",
    "language",
    "visibility",
    "status",
    "valid_from",
    "valid_until",
    "review_by",
    "details",
    "added_by",
    "created_at",
    "updated_at",
    "withdrawn_at",
    "shown_from",
)


def _organisation_part(organisation: Organisation) -> OrganisationPart:
    return OrganisationPart(
        key=organisation.key,
        name=organisation.name,
        kind=organisation.kind,
        state=organisation.state_key,
        example=organisation.example,
    )


def _version_part(version: DocumentVersion) -> VersionPart:
    return VersionPart(
        number=version.number,
        content_hash=version.content_hash,
        media_type=version.media_type,
        size=version.size,
        added_by=version.added_by,
        created_at=version.created_at,
        blocks=tuple(BlockPart(**asdict(block)) for block in unpack_blocks(version.blocks)),
    )


def _version_row(document: UUID, part: VersionPart) -> DocumentVersion:
    blocks = _blocks(part)
    return DocumentVersion(
        id=new_id(),
        document_id=document,
        number=part.number,
        content_hash=part.content_hash,
        media_type=part.media_type,
        size=part.size,
        blocks=pack_blocks(blocks),
        fingerprint=fingerprint(_text_of(blocks)),
        added_by=part.added_by,
        created_at=part.created_at,
    )


def _blocks(part: VersionPart) -> tuple[Block, ...]:
    return tuple(Block(**dict(block)) for block in part.blocks)


def _text_of(blocks: Sequence[Block]) -> str:
    return "\n".join(block.text for block in blocks)
