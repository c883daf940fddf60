"""Documents come in, get new versions, are withdrawn and come back."""

import json
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import Any
from uuid import UUID

from knowledge.access.visibility import access_token, reveals
from knowledge.circles.service import CircleService
from knowledge.gaps.jobs import look_at_gaps_again
from knowledge.kit.clock import now
from knowledge.kit.errors import AllmendeError, Conflict, NotFound
from knowledge.kit.ids import new_id
from knowledge.kit.language import _
from knowledge.kit.unit_of_work import UnitOfWork
from knowledge.library.descriptions import check_period, described_by_file
from knowledge.library.files.blocks import Block, ParsedFile
from knowledge.library.indexes.jobs import ask_for
from knowledge.library.repository import DocumentRepository
from knowledge.library.schemas import Description, ImportOutcome, ImportResult
from knowledge.library.text.abbreviations import find_abbreviations
from knowledge.library.text.duplicates import bands, fingerprint, is_near_duplicate
from knowledge.library.text.passages import PassageDraft, split_passages
from knowledge.models.document import Document, DocumentVersion, Kind, Rights, Status, Visibility
from knowledge.organisations.service import OrganisationService
from knowledge.organisations.states import UnknownState, find_state
from knowledge.synonyms.service import SynonymService
from knowledge.watches.jobs import look_for_watches

DEFAULTS = Description(kind=Kind.LITERATURE, visibility=Visibility.NETWORK, rights=Rights.FULL, language="de")
COMMAND_LINE = "command line"
# In a document's details: whoever it belongs to took it back, and its words are erased.
ERASED = "erased"
BLOCK_FIELDS = tuple(field.name for field in fields(Block))


class UnknownDocument(NotFound):
    """No document is meant by this reference."""

    code = "documents.unknown"

    def __init__(self, reference: str) -> None:
        super().__init__(
            _(
                "There is no document “{reference}”. “allmende documents list” shows all; give a key or a source."
            ).format(reference=reference[:200])
        )


class AmbiguousDocument(Conflict):
    """Several documents may be meant."""

    code = "documents.ambiguous"

    def __init__(self, candidates: Sequence[Document]) -> None:
        listed = "; ".join(f"{item.id.hex[:12]} {item.source}" for item in candidates)
        super().__init__(_("Several documents begin like this: {candidates}.").format(candidates=listed))


class WithdrawnForGood(Conflict):
    """Whoever a document belongs to took it back, so there is nothing left to restore."""

    code = "documents.withdrawn_for_good"

    def __init__(self) -> None:
        super().__init__(_("Whoever wrote this document has taken it back. Its text is erased and cannot be restored."))


@dataclass(frozen=True, slots=True)
class IncomingFile:
    """A file that was read: where it is from, its bytes' SHA-256 and size, and its blocks."""

    source: str
    content_hash: str
    size: int
    parsed: ParsedFile


class LibraryService:
    """The library within one unit of work; index jobs commit with each change."""

    def __init__(self, unit: UnitOfWork) -> None:
        self._session = unit.session
        self._documents = DocumentRepository(unit.session)
        self._organisations = OrganisationService(unit.session)
        self._synonyms = SynonymService(unit.session)
        self._circles = CircleService(unit.session)

    async def is_unchanged(self, source: str, content_hash: str) -> Document | None:
        """Return the document if ``source`` is known with exactly this content."""
        document = await self._documents.by_source(source)
        if document is None:
            return None
        version = await self._documents.current_version(document)
        return document if version is not None and version.content_hash == content_hash else None

    async def take_in(self, file: IncomingFile, given: Description, *, added_by: str = COMMAND_LINE) -> ImportOutcome:
        """Make a new document of a file, or a new version of the document that came from the same source.

        Raises an ``InvalidInput`` where the description contradicts itself or names an unknown organisation, and
        ``CircleNotFound``.
        """
        document = await self._documents.by_source(file.source)
        is_new = document is None
        if document is None:
            document = await self._new_document(file, given, added_by)
        else:
            await self._describe(document, file, given)
        passages = split_passages(file.parsed)
        mark = await self._add_version(document, file, passages, added_by)
        similar = await self._similar(document, mark)
        await ask_for(self._session, [document.id])
        await look_for_watches(self._session)
        withdrawn = document.status is Status.WITHDRAWN
        return ImportOutcome(
            source=file.source,
            result=ImportResult.ADDED if is_new else ImportResult.NEW_VERSION,
            document=str(document.id),
            title=document.title,
            version=document.version,
            passages=len(passages),
            similar_to=similar,
            message=_("The document is withdrawn and stays so; “documents restore” brings it back.")
            if withdrawn
            else None,
        )

    async def find_document(self, reference: str) -> Document:
        """Return the document that a person means by key, beginning of a key, or source.

        Raises ``UnknownDocument`` or ``AmbiguousDocument``.
        """
        found = await self._documents.by_reference(reference)
        if not found:
            raise UnknownDocument(reference)
        if len(found) > 1:
            raise AmbiguousDocument(found)
        return found[0]

    async def withdraw(self, document: Document) -> bool:
        """Take a document out of every way of finding it; returns whether anything changed."""
        return await self._set_status(document, Status.WITHDRAWN)

    async def restore(self, document: Document) -> bool:
        """Let a withdrawn document be found again; returns whether anything changed. Raises ``WithdrawnForGood``."""
        if document.details.get(ERASED):
            raise WithdrawnForGood
        return await self._set_status(document, Status.PUBLISHED)

    async def describe(self, document: Document, said: Description) -> None:
        """Describe a document anew: all of ``said`` counts, but for the details of its kind, which stay.

        Earlier versions are hidden from readers where somebody may find the document who could not before.
        Raises what ``take_in`` raises for a description that cannot be right.
        """
        access = document.access
        await self._apply(document, replace(said, details=dict(document.details)), document.title)
        if reveals(access, document.access):
            document.shown_from = document.version
        document.updated_at = now()
        await ask_for(self._session, [document.id])
        await look_for_watches(self._session)
        await self._documents.flush()

    async def description_of(self, document: Document) -> Description:
        """Return all that is said about a document, its title too."""
        return replace(await self._said_before(document), title=document.title)

    async def _set_status(self, document: Document, status: Status) -> bool:
        if document.status is status:
            return False
        document.status = status
        document.withdrawn_at = now() if status is Status.WITHDRAWN else None
        document.updated_at = now()
        await ask_for(self._session, [document.id])
        if status is Status.PUBLISHED:
            await look_for_watches(self._session)
        else:
            await look_at_gaps_again(self._session)
        await self._documents.flush()
        return True

    async def _new_document(self, file: IncomingFile, given: Description, added_by: str) -> Document:
        moment = now()
        document = Document(
            id=new_id(),
            source=file.source,
            status=Status.PUBLISHED,
            version=0,
            added_by=added_by,
            created_at=moment,
            updated_at=moment,
        )
        said = given.over(await self._known_to_us(described_by_file(file.parsed.properties))).over(DEFAULTS)
        await self._apply(document, said, file.parsed.title or _title_of(file.source))
        self._documents.add(document)
        await self._documents.flush()
        return document

    async def _describe(self, document: Document, file: IncomingFile, given: Description) -> None:
        """Bring a known document's description up to date: what was said by a person before outlives a new file."""
        said = given.over(await self._known_to_us(described_by_file(file.parsed.properties)))
        said = said.over(await self._said_before(document))
        access = document.access
        await self._apply(document, said, file.parsed.title or document.title)
        if reveals(access, document.access):
            document.shown_from = document.version + 1

    async def _known_to_us(self, said: Description) -> Description:
        """Drop what a file says about organisations and states that we do not know."""
        unknown: dict[str, Any] = {}
        if said.organisation:
            try:
                await self._organisations.get_usable(said.organisation)
            except AllmendeError:
                unknown["organisation"] = None
        if said.state:
            try:
                find_state(said.state)
            except UnknownState:
                unknown["state"] = None
        return replace(said, **unknown)

    async def _said_before(self, document: Document) -> Description:
        organisation = None
        if document.organisation_id is not None:
            stored = await self._organisations.repository.get(document.organisation_id)
            organisation = stored.key if stored else None
        circle = await self._circles.by_id(document.circle_id) if document.circle_id else None
        return Description(
            kind=document.kind,
            publisher=document.publisher,
            organisation=organisation,
            year=document.year,
            licence=document.licence,
            rights=document.rights,
            url=document.url,
            language=document.language,
            visibility=document.visibility,
            circle=circle.name if circle else None,
            state=document.state_key,
            valid_from=document.valid_from,
            valid_until=document.valid_until,
            review_by=document.review_by,
            topics=tuple(document.topics),
            details=dict(document.details),
        )

    async def _apply(self, document: Document, said: Description, title: str) -> None:
        check_period(said.valid_from, said.valid_until)
        organisation = await self._organisations.get_usable(said.organisation) if said.organisation else None
        document.organisation_id = organisation.id if organisation else None
        document.title = said.title or title
        document.kind = said.kind or Kind.LITERATURE
        document.visibility = said.visibility or Visibility.NETWORK
        document.circle_id = await self._circle_of(document.visibility, said.circle)
        if not _is_for_several_circles(document):
            document.audience_id = None
            document.access = access_token(document.visibility, document.organisation_id, document.circle_id)
        document.rights = said.rights or Rights.FULL
        document.state_key = find_state(said.state) if said.state else None
        document.language = said.language or "de"
        document.topics = list(said.topics)
        document.details = said.details
        for name in ("publisher", "year", "licence", "url", "valid_from", "valid_until", "review_by"):
            setattr(document, name, getattr(said, name))

    async def _circle_of(self, visibility: Visibility, name: str | None) -> UUID | None:
        """Return the circle that alone may find a document, whatever else was said before it got another visibility."""
        if visibility is not Visibility.CIRCLE or name is None:
            return None
        return (await self._circles.get(name)).id

    async def _add_version(
        self, document: Document, file: IncomingFile, passages: Sequence[PassageDraft], added_by: str
    ) -> bytes:
        text = "\n".join(block.text for block in file.parsed.blocks)
        mark = fingerprint(text)
        document.version += 1
        document.updated_at = now()
        self._documents.add(
            DocumentVersion(
                id=new_id(),
                document_id=document.id,
                number=document.version,
                content_hash=file.content_hash,
                media_type=file.parsed.media_type,
                size=file.size,
                blocks=pack_blocks(file.parsed.blocks),
                fingerprint=mark,
                added_by=added_by,
                created_at=now(),
            )
        )
        await self._documents.flush()
        await self._documents.replace_passages(document.id, [_row(document, *item) for item in enumerate(passages)])
        await self._documents.replace_bands(document.id, bands(mark))
        await self._synonyms.learn(document.id, [(found.short, found.long) for found in find_abbreviations(text)])
        return mark

    async def _similar(self, document: Document, mark: bytes) -> tuple[str, ...]:
        candidates = await self._documents.sharing_bands(bands(mark), but=document.id)
        return tuple(other.source for other, theirs in candidates if is_near_duplicate(mark, theirs))


def pack_blocks(blocks: Sequence[Block]) -> bytes:
    """Return blocks as compressed JSON."""
    # Plain reading of the fields and a light compression: together a quarter of what asdict() and level 6 take.
    values = [{name: getattr(block, name) for name in BLOCK_FIELDS} for block in blocks]
    return zlib.compress(json.dumps(values, ensure_ascii=False).encode(), 3)


def unpack_blocks(packed: bytes) -> tuple[Block, ...]:
    """Return the blocks that ``pack_blocks`` packed."""
    return tuple(Block(**values) for values in json.loads(zlib.decompress(packed)))


def _is_for_several_circles(document: Document) -> bool:
    """Whether nobody named one circle for a document that several circles have in common."""
    return document.visibility is Visibility.CIRCLE and document.circle_id is None and document.audience_id is not None


def _row(document: Document, position: int, draft: PassageDraft) -> dict[str, Any]:
    return {
        "document_id": document.id,
        "position": position,
        "text": draft.text,
        "headings": list(draft.headings),
        "place": draft.place,
        "number": draft.number,
        "last_number": draft.last_number,
        "label": draft.label,
        "quotable": draft.quotable,
    }


def _title_of(source: str) -> str:
    return source.rsplit("/", 1)[-1].rsplit(".", 1)[0].replace("_", " ").strip() or source
