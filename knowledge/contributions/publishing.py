"""An experience becomes a document: its fields as headings and text, found and quoted like any other document."""

import hashlib
import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

from knowledge.access.visibility import access_token, reveals
from knowledge.circles.audiences import audience_of
from knowledge.contributions.checking import SUGGESTION
from knowledge.contributions.erasing import CONTACT_HEADING, erase_versions
from knowledge.contributions.errors import UnknownOriginal
from knowledge.contributions.repository import ContributionRepository
from knowledge.contributions.schemas import ContributionEntry
from knowledge.kit.clock import now, today
from knowledge.kit.logs import get_logger
from knowledge.kit.unit_of_work import UnitOfWork
from knowledge.library.files.blocks import Block, ParsedFile
from knowledge.library.schemas import Description
from knowledge.library.service import ERASED, IncomingFile, LibraryService
from knowledge.models.contribution import Attribution, Contribution
from knowledge.models.document import Document, Kind, Rights, Visibility

SOURCE = "erfahrung/"
ADDED_BY = "contribution"
MEDIA_TYPE = "text/markdown"
# By field, in the order of the text. What is published is German, whoever's language it is decided in, and the words
# are those by which retrieval knows the fields (knowledge/library/answers/fields.py).
HEADINGS = {
    "situation": "Ausgangslage",
    "done": "Was wir getan haben",
    "outcome": "Was dabei herauskam",
    "differently": "Was wir anders machen würden",
    "period": "Zeitraum",
    "costs": "Kosten und Aufwand",
    "products": "Produkte und Partner",
    "data_used": "Daten, die wir genutzt haben",
    "legal": "Recht und Beteiligung",
    "fits": "Für wen es passt",
    "contact": CONTACT_HEADING,
}
# When its author is asked whether what was learned still holds; each new version counts anew.
REVIEW_AFTER = timedelta(days=2 * 365)
_YEAR = re.compile(r"(?<!\d)(?:19[5-9]\d|20\d\d)(?!\d)")
_ITEM = re.compile(r"\s*(?:[-*•–]|\d{1,2}[.)])\s+")


def source_of(contribution_id: UUID) -> str:
    """Return the source of the document that a contribution is published as."""
    return f"{SOURCE}{contribution_id.hex}"


def experience_blocks(entry: ContributionEntry) -> ParsedFile:
    """Return an experience as a file that was read: a heading for each filled field, and its text.

    Who may be asked is said only where the organisation is.
    """
    return ParsedFile(tuple(_blocks(entry.fields, entry.attribution)), entry.title or None, {}, MEDIA_TYPE)


def _blocks(fields: dict[str, Any], attribution: Attribution) -> Iterator[Block]:
    for name, heading in HEADINGS.items():
        text = fields.get(name)
        if not text or (name == "contact" and attribution is Attribution.ANONYMOUS):
            continue
        yield Block("heading", heading, level=2)
        yield from _text_blocks(str(text))


def _text_blocks(text: str) -> Iterator[Block]:
    """Cut a text into paragraphs and lists, as a file's would be."""
    for part in re.split(r"\n\s*\n", text):
        lines = [line.strip() for line in part.split("\n") if line.strip()]
        run: list[str] = []
        for line in lines:
            if run and bool(_ITEM.match(line)) != bool(_ITEM.match(run[0])):
                yield _block(run)
                run = []
            run.append(line)
        if run:
            yield _block(run)


def _block(lines: list[str]) -> Block:
    if _ITEM.match(lines[0]):
        return Block("list", "\n".join(_ITEM.sub("", line, count=1) for line in lines))
    return Block("paragraph", " ".join(lines))


async def publish(unit: UnitOfWork, contribution: Contribution, *, by: UUID) -> Document:
    """Make the document of a contribution, or a new version of the one that it corrects, and have it indexed.

    A suggestion for a document changes nothing by itself: whoever decides has edited that document, and it is returned.

    Args:
        unit: the transaction of the decision.
        contribution: as it is to be published; its ``document_id`` is set.
        by: the moderator.

    Raises ``UnknownOriginal`` where what it corrects is gone, and what ``LibraryService.take_in`` raises.
    """
    corrected = await _corrected(unit, contribution)
    if corrected is not None and SUGGESTION in contribution.fields:
        contribution.document_id = corrected.id
        return corrected
    source = corrected.source if corrected else source_of(contribution.id)
    was_named = corrected is not None and corrected.organisation_id is not None
    parsed = ParsedFile(
        tuple(_blocks(contribution.fields, contribution.attribution)), str(contribution.fields["title"]), {}, MEDIA_TYPE
    )
    library = LibraryService(unit)
    await library.take_in(_file(source, parsed), Description(kind=Kind.EXPERIENCE), added_by=ADDED_BY)
    document = await library.find_document(source)
    await _describe(unit, document, contribution)
    if was_named and document.organisation_id is None:
        # What named the house before would name it still.
        await erase_versions(unit.session, document, current=False)
    contribution.document_id = document.id
    await unit.session.flush()
    get_logger().info("experience_published", document=str(document.id), by=str(by))
    return document


async def _corrected(unit: UnitOfWork, contribution: Contribution) -> Document | None:
    if contribution.corrects_id is None:
        if SUGGESTION in contribution.fields:
            raise UnknownOriginal
        return None
    document = await ContributionRepository(unit.session).document(contribution.corrects_id)
    if document is None or document.details.get(ERASED):
        raise UnknownOriginal
    return document


def _file(source: str, parsed: ParsedFile) -> IncomingFile:
    words = "\n".join(f"{block.kind} {block.text}" for block in parsed.blocks).encode()
    digest = hashlib.sha256(f"{parsed.title}\n".encode() + words).hexdigest()
    return IncomingFile(source, digest, len(words), parsed)


async def _describe(unit: UnitOfWork, document: Document, contribution: Contribution) -> None:
    """Say of the document what its contribution says, and nothing that was said of it before."""
    fields, open_house = contribution.fields, contribution.attribution is Attribution.ORGANISATION
    document.kind, document.rights, document.language = Kind.EXPERIENCE, Rights.FULL, "de"
    document.title = str(fields["title"])
    document.organisation_id = contribution.organisation_id if open_house else None
    document.publisher = None if open_house else contribution.described_as
    document.year = year_of(str(fields.get("period", ""))) or (contribution.submitted_at or now()).year
    document.topics = list(fields.get("topics", ()))
    document.details = details_of(fields)
    document.state_key = None
    document.review_by, document.review_asked_at = today() + REVIEW_AFTER, None
    await _place(unit, document, contribution)


def details_of(fields: dict[str, Any]) -> dict[str, Any]:
    """Return what an experience says of itself beside its text."""
    said = {"status": fields.get("status"), "would_do_again": fields.get("again"), "period": fields.get("period")}
    return {name: value for name, value in said.items() if value}


def year_of(period: str) -> int | None:
    """Return the last year that a period names, if it can be one."""
    years = [int(year) for year in _YEAR.findall(period) if int(year) <= today().year]
    return max(years, default=None)


async def _place(unit: UnitOfWork, document: Document, contribution: Contribution) -> None:
    """Let those find the document who are to: one circle or several, the house, the network, everybody."""
    circles, access = {UUID(circle) for circle in contribution.circles}, document.access
    document.visibility = contribution.visibility
    document.circle_id = document.audience_id = None
    if contribution.visibility is Visibility.CIRCLE and len(circles) == 1:
        document.circle_id = circles.pop()
    elif contribution.visibility is Visibility.CIRCLE:
        document.audience_id = await audience_of(unit.session, circles)
    document.access = access_token(
        document.visibility, document.organisation_id, document.circle_id, document.audience_id
    )
    if reveals(access, document.access):
        document.shown_from = document.version
