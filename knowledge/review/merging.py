"""Folding a contribution into an experience that the library has already: the document gets a new version."""

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from knowledge.contributions.fields import FIELDS
from knowledge.contributions.publishing import HEADINGS, details_of, experience_blocks
from knowledge.contributions.showing import entry_of
from knowledge.kit.language import _
from knowledge.kit.unit_of_work import UnitOfWork
from knowledge.library.files.blocks import Block
from knowledge.library.repository import DocumentRepository
from knowledge.library.schemas import Description
from knowledge.library.service import IncomingFile, LibraryService, unpack_blocks
from knowledge.models.contribution import Attribution, Contribution
from knowledge.models.document import Document, Kind, Status, Visibility
from knowledge.review.errors import CannotMerge
from knowledge.review.looking import topics_of
from knowledge.review.queue import sees
from knowledge.review.repository import ReviewRepository
from knowledge.review.schemas import Reviewer

ADDED_BY = "review"
# Titles that are looked through for one to merge with.
MOST_TARGETS = 50
# What a document says that is in none of the fields goes here, with its heading.
_REST = "situation"
_NAMES = {heading.casefold(): name for name, heading in HEADINGS.items()}
# What a document says of itself beside its text because a field says so.
_OF_FIELDS = ("status", "would_do_again", "period")


async def check_can_merge(
    repository: ReviewRepository, reviewer: Reviewer, row: Contribution, target: UUID
) -> Document:
    """Return the document that a contribution is to be folded into. Raises ``CannotMerge``."""
    document = (await repository.documents([target])).get(target)
    if document is None or not sees(reviewer, document) or document.status is not Status.PUBLISHED:
        raise CannotMerge(_("This document is not there, or not any more."))
    if (problem := _why_not(row, document)) is not None:
        raise CannotMerge(problem)
    return document


def _why_not(row: Contribution, document: Document) -> str | None:
    if document.kind is not Kind.EXPERIENCE:
        return _("A contribution can be merged with an experience only.")
    if not reaches_no_further(row, document):
        return _("More people can find that document than the author of this contribution agreed to.")
    if row.attribution is Attribution.ANONYMOUS and document.organisation_id == row.organisation_id:
        return _("That document names the organisation, which the author of this contribution did not want.")
    return None


async def possible_targets(session: AsyncSession, reviewer: Reviewer, row: Contribution, text: str) -> list[Document]:
    """Return experiences with a text in their title that a contribution can be merged with."""
    repository = ReviewRepository(session)
    found = await repository.experiences(text, limit=MOST_TARGETS)
    return [document for document in found if sees(reviewer, document) and _why_not(row, document) is None]


def reaches_no_further(row: Contribution, document: Document) -> bool:
    """Tell whether a document is found by nobody whom a contribution is not for."""
    if row.visibility is Visibility.PUBLIC:
        return True
    if row.visibility is Visibility.NETWORK:
        return document.visibility is not Visibility.PUBLIC
    if row.visibility is Visibility.CIRCLE:
        one_of_them = document.circle_id is not None and str(document.circle_id) in row.circles
        return document.visibility is Visibility.CIRCLE and one_of_them
    return document.visibility is Visibility.HOUSE and document.organisation_id == row.organisation_id


async def fold_in(unit: UnitOfWork, row: Contribution, document: Document, fields: Mapping[str, Any]) -> None:
    """Give a document a new version with these fields; its visibility, organisation and address stay.

    The contribution keeps its author's own words, and from now on refers to the document.
    """
    attribution = Attribution.ORGANISATION if document.organisation_id else Attribution.ANONYMOUS
    entry = replace(entry_of(row, None), fields=dict(fields), attribution=attribution)
    parsed = experience_blocks(entry)
    content = "\n".join(block.text for block in parsed.blocks).encode()
    file = IncomingFile(document.source, hashlib.sha256(content).hexdigest(), len(content), parsed)
    await LibraryService(unit).take_in(file, Description(kind=Kind.EXPERIENCE), added_by=ADDED_BY)
    kept = {name: value for name, value in document.details.items() if name not in _OF_FIELDS}
    document.title, document.topics = str(fields["title"]), topics_of(dict(fields))
    document.details = {**kept, **details_of(dict(fields))}
    row.corrects_id = document.id


async def fields_of(unit: UnitOfWork, document: Document) -> dict[str, Any]:
    """Return what an experience of the library says, by field; what is under no known heading comes first."""
    versions = await DocumentRepository(unit.session).versions(document.id, with_content=True)
    said: dict[str, list[str]] = {}
    current = _REST
    for block in unpack_blocks(versions[-1].blocks) if versions else ():
        known = _NAMES.get(block.text.casefold()) if block.kind == "heading" else None
        if known is not None:
            current = known
        elif block.kind == "heading":
            current = _REST
        if known is None and block.text != document.title:
            said.setdefault(current, []).append(_as_typed(block))
    texts: dict[str, Any] = {name: "\n\n".join(parts) for name, parts in said.items()}
    details = document.details
    texts |= {"status": details.get("status"), "again": details.get("would_do_again")}
    texts |= {"title": document.title, "topics": list(document.topics)}
    return {field.name: texts[field.name] for field in FIELDS if texts.get(field.name)}


def _as_typed(block: Block) -> str:
    """Return a block as somebody would type it, so that it becomes the same block again."""
    return "\n".join(f"- {line}" for line in block.text.split("\n")) if block.kind == "list" else block.text
