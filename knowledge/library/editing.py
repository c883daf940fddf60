"""Looking after documents: describing them anew, new texts, withdrawing and restoring, review dates.

Every act is recorded, and nothing is done to a document that is not in the hands of whoever acts.
"""

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from itertools import groupby
from typing import Any
from uuid import UUID

from knowledge.audit.service import record
from knowledge.kit.clock import now
from knowledge.kit.errors import Conflict, InvalidInput, NotFound
from knowledge.kit.language import _
from knowledge.kit.unit_of_work import UnitOfWork
from knowledge.library.browsing.repository import BrowsingRepository
from knowledge.library.browsing.schemas import Caretaker
from knowledge.library.descriptions import check_description
from knowledge.library.files.blocks import Block, ParsedFile
from knowledge.library.schemas import Description, ImportOutcome
from knowledge.library.service import IncomingFile, LibraryService, unpack_blocks
from knowledge.models.document import Document, Visibility

_APART = re.compile(r"\n\s*\n")
_ITEM = re.compile(r"\s*[-•*]\s+")


class WithdrawReason(StrEnum):
    """Why a document is withdrawn."""

    OUTDATED = "outdated"
    WRONG = "wrong"
    PERSONAL_DATA = "personal_data"
    RIGHTS = "rights"
    WISH = "wish"
    OTHER = "other"


class DocumentNotFound(NotFound):
    """There is no such document, or it is not for this person to know."""

    code = "documents.not_found"

    def __init__(self) -> None:
        super().__init__(
            _("There is no document here that you may read. Perhaps it was withdrawn, or you need to sign in.")
        )


class DocumentChanged(Conflict):
    """Somebody else changed the document since the form was opened."""

    code = "documents.changed_meanwhile"

    def __init__(self) -> None:
        super().__init__(
            _(
                "Somebody else has changed this document in the meantime. What you entered is still here: please "
                "compare it with the document, and save again if it is to stand."
            )
        )


class OutOfCare(InvalidInput):
    """After a change, whoever made it could not look after the document any more."""

    code = "documents.out_of_care"

    def __init__(self) -> None:
        super().__init__(_("With this organisation, visibility or topics you could not look after the document."))


@dataclass(frozen=True, slots=True)
class Section:
    """A part of an experience: what stands above it, and its text, paragraphs parted by empty lines."""

    heading: str
    level: int
    text: str


def revision_of(document: Document) -> str:
    """Return by what a form knows which state of a document it was made from."""
    return document.updated_at.isoformat()


class DocumentEditor:
    """Acts on documents within one unit of work.

    Args:
        unit: the transaction.
        caretaker: what whoever acts looks after.
        by: the member who acts.
    """

    def __init__(self, unit: UnitOfWork, caretaker: Caretaker, *, by: UUID | None) -> None:
        self._session = unit.session
        self._library = LibraryService(unit)
        self._documents = BrowsingRepository(unit.session)
        self._caretaker = caretaker
        self._by = by

    async def find(self, key: UUID, *, lock: bool = True) -> Document:
        """Return a document that may be looked after, held until the end. Raises ``DocumentNotFound``."""
        document = await self._documents.get(key, lock=lock)
        if document is None or not self._caretaker.covers(document):
            raise DocumentNotFound
        return document

    async def describe(self, key: UUID, said: Description, *, revision: str, hide_earlier: bool = False) -> Document:
        """Describe a document anew; what ``said`` leaves open is empty from now on.

        Args:
            key: the document.
            said: all that is said about it; only its kind's own details stay as they are.
            revision: which state of it the form was made from.
            hide_earlier: no reader reads earlier versions any more.

        Raises ``DocumentNotFound``, ``DocumentChanged``, ``OutOfCare`` and what is wrong with the description.
        """
        document = await self._current(key, revision)
        check_description(_without_circles(said) if document.audience_id else said)
        await self._library.describe(document, said)
        if not self._caretaker.covers(document):
            raise OutOfCare
        if hide_earlier:
            document.shown_from = document.version
        await self._record("library:edit", key, version=document.version)
        return document

    async def set_details(self, document: Document, details: Mapping[str, Any]) -> None:
        """Change what a kind has of its own, such as how far an experience has come; empty values are taken out."""
        merged = {**document.details, **details}
        document.details = {name: value for name, value in merged.items() if value not in (None, "")}

    async def _current(self, key: UUID, revision: str) -> Document:
        document = await self.find(key)
        if not _is_same_moment(revision, document.updated_at):
            raise DocumentChanged
        return document

    async def sections(self, document: Document) -> list[Section]:
        """Return the text of a document by its headings."""
        version = await self._documents.version(document.id, document.version)
        return split_sections(unpack_blocks(version.blocks)) if version and version.blocks else []

    async def rewrite(self, key: UUID, sections: Sequence[Section], *, revision: str) -> ImportOutcome | None:
        """Give a document a new text as a new version; nothing where the text is the same.

        Raises ``DocumentNotFound``, ``DocumentChanged``, ``InvalidInput`` for a text without a word.
        """
        document = await self._current(key, revision)
        if list(sections) == await self.sections(document):
            return None
        blocks = tuple(join_sections(sections))
        if not any(block.text for block in blocks if block.kind != "heading"):
            raise InvalidInput(_("Please write a text."))
        text = "\n".join(block.text for block in blocks)
        digest = hashlib.sha256(text.encode()).hexdigest()
        parsed = ParsedFile(blocks, document.title, {}, "text/plain")
        return await self.replace(document, IncomingFile(document.source, digest, len(text.encode()), parsed))

    async def replace(self, document: Document, file: IncomingFile, *, added_by: str = "hub") -> ImportOutcome:
        """Take in what was read as a new version; what was said about the document stays as it is."""
        said = await self._library.description_of(document)
        outcome = await self._library.take_in(file, said, added_by=added_by)
        await self._record("library:new_version", document.id, version=outcome.version)
        return outcome

    async def replace_by_file(self, document: Document, file: IncomingFile) -> ImportOutcome | None:
        """Take in what was read from a file as a new version; nothing where the document says just that already."""
        as_it_is_known = replace(file, source=document.source)
        if await self._library.is_unchanged(document.source, file.content_hash):
            return None
        return await self.replace(document, as_it_is_known)

    async def withdraw(self, keys: Iterable[UUID], reason: WithdrawReason) -> int:
        """Withdraw documents; returns how many were not withdrawn yet. Raises ``DocumentNotFound``."""
        changed = 0
        for document in [await self.find(key) for key in sorted(keys)]:
            if await self._library.withdraw(document):
                await self._record("library:withdraw", document.id, reason=reason.value)
                changed += 1
        return changed

    async def restore(self, keys: Iterable[UUID]) -> int:
        """Let withdrawn documents be found again; returns how many were withdrawn. Raises ``DocumentNotFound``."""
        changed = 0
        for document in [await self.find(key) for key in sorted(keys)]:
            if await self._library.restore(document):
                document.merged_into_id = None
                await self._record("library:restore", document.id)
                changed += 1
        return changed

    async def review_by(self, keys: Iterable[UUID], day: date | None) -> int:
        """Set the day by which somebody should look whether documents are still right; returns how many changed.

        Raises ``DocumentNotFound``.
        """
        changed = 0
        for document in [await self.find(key) for key in sorted(keys)]:
            if document.review_by != day:
                document.review_by, document.updated_at = day, now()
                await self._record("library:review_date", document.id, day=str(day))
                changed += 1
        return changed

    async def _record(self, action: str, key: UUID, **details: Any) -> None:
        await record(self._session, action, ("document", key), by=self._by, **details)


def split_sections(blocks: Sequence[Block]) -> list[Section]:
    """Return the text of blocks by their headings; what stands above the first one has an empty heading."""
    sections: list[tuple[str, int, list[str]]] = []
    for block in blocks:
        if block.kind == "heading":
            sections.append((block.text, block.level, []))
        else:
            if not sections:
                sections.append(("", 0, []))
            sections[-1][2].append(_as_typed(block))
    return [Section(heading, level, "\n\n".join(texts)) for heading, level, texts in sections]


def join_sections(sections: Iterable[Section]) -> Iterable[Block]:
    """Give the blocks of sections; one without a text is left out unless others stand below its heading."""
    listed = list(sections)
    for place, section in enumerate(listed):
        paragraphs = [part.strip() for part in _APART.split(section.text.replace("\r\n", "\n")) if part.strip()]
        leads = place + 1 < len(listed) and listed[place + 1].level > section.level
        if section.heading and (paragraphs or leads):
            yield Block("heading", section.heading, section.level or 1)
        for text in paragraphs:
            yield from _typed_blocks(text)


def _as_typed(block: Block) -> str:
    """Return a block as people write it: items of a list begin with a dash."""
    return "\n".join(f"- {line}" for line in block.text.split("\n")) if block.kind == "list" else block.text


def _typed_blocks(text: str) -> Iterable[Block]:
    """Give the blocks of lines without an empty one between them: a list, or a paragraph, or one after the other."""
    for is_list, lines in groupby(text.split("\n"), key=lambda line: bool(_ITEM.match(line))):
        if is_list:
            yield Block("list", "\n".join(_ITEM.sub("", line, count=1).strip() for line in lines))
        else:
            yield Block("paragraph", " ".join(" ".join(lines).split()))


def _without_circles(said: Description) -> Description:
    """Several circles stay what they are where nobody names one; there is no name to check."""
    several = said.visibility is Visibility.CIRCLE and said.circle is None
    return replace(said, visibility=Visibility.NETWORK) if several else said


def _is_same_moment(revision: str, moment: datetime) -> bool:
    try:
        return datetime.fromisoformat(revision) == moment
    except (ValueError, TypeError):
        return False
