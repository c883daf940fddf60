"""From a quoted passage to a citation: where it stands, whose it is, and what to mind."""

from knowledge.access.visibility import Viewer
from knowledge.kit.clock import today
from knowledge.kit.language import _, date_text
from knowledge.library.addresses import cited_url, document_path
from knowledge.library.answers.quoting import Quoted
from knowledge.library.answers.schemas import Citation
from knowledge.library.experiences import facts
from knowledge.library.text.locators import locator
from knowledge.models.document import Document, Passage, Rights
from knowledge.organisations.states import state_name


def passage_locator(passage: Passage) -> str | None:
    """Return where a passage stands, as a person can follow it."""
    return locator(
        passage.place,
        passage.number,
        last_number=passage.last_number,
        label=passage.label,
        headings=tuple(passage.headings),
    )


def may_show(document: Document, passage: Passage) -> bool:
    """Whether a document's rights allow showing a passage of it."""
    return document.rights is Rights.FULL or (document.rights is Rights.QUOTE and passage.quotable)


def cite(quoted: Quoted, viewer: Viewer, *, hub: str | None = None) -> Citation:
    """Return the citation for what was quoted; a document that may only be linked to is not quoted.

    ``hub`` is the hub's address: where people can reach one, what has no address of its own is read there.
    """
    found = quoted.passage.found
    document = found.document
    return Citation(
        document=str(document.id),
        title=document.title,
        source=document.source,
        url=cited_url(document, found.passage.position, hub),
        locator=passage_locator(found.passage),
        quote=None if document.rights is Rights.LINK else quoted.text or None,
        score=round(quoted.passage.rank.score, 4),
        kind=document.kind.value,
        publisher=document.publisher,
        organisation=found.organisation.name if found.organisation else None,
        year=document.year,
        licence=document.licence,
        visibility=document.visibility.value,
        notes=notes(document, viewer),
        facts=facts(document, found.organisation),
        path=document_path(document.id, document.version, found.passage.position),
    )


def notes(document: Document, viewer: Viewer) -> list[str]:
    """Return what to mind about a document: its validity, its review date, and the Land that it is made for."""
    day = today()
    said = []
    if document.valid_until and document.valid_until < day:
        said.append(_("no longer valid, since {date}").format(date=date_text(document.valid_until)))
    if document.valid_from and document.valid_from > day:
        said.append(_("valid only from {date} on").format(date=date_text(document.valid_from)))
    if document.review_by and document.review_by < day:
        said.append(_("should have been reviewed by {date}; please check").format(date=date_text(document.review_by)))
    if document.state_key and viewer.state_key and document.state_key != viewer.state_key:
        said.append(_("made for {state}").format(state=state_name(document.state_key)))
    return said
