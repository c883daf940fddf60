"""Withdrawn means gone: a published experience can be found nowhere any more, and its words are erased.

The row of the document stays, empty and without a name: by it an old export that is imported again knows that the
document was withdrawn since, and what an answer said long ago keeps its place.
"""

from knowledge.contributions.checking import QUOTE
from knowledge.contributions.erasing import erase_versions
from knowledge.contributions.repository import ContributionRepository
from knowledge.kit.ids import new_id
from knowledge.kit.language import _
from knowledge.kit.unit_of_work import UnitOfWork
from knowledge.library.answers.repository import AnswerRepository
from knowledge.library.repository import DocumentRepository
from knowledge.library.service import ERASED, LibraryService
from knowledge.models.contribution import Contribution, Report, ReportReason
from knowledge.models.document import Document, Visibility
from knowledge.synonyms.service import SynonymService

# What the address of a withdrawn experience is called where anybody still comes across it.
GONE = "Zurückgezogene Erfahrung"
# What was said of it beside its text.
_SAID = (
    "organisation_id",
    "publisher",
    "year",
    "licence",
    "url",
    "state_key",
    "valid_from",
    "valid_until",
    "review_by",
)


def report_of(document: Document, contribution: Contribution) -> Report:
    """Return the report by which moderators hear that a document holds words that were taken back."""
    said = _(
        "The author of “{title}”, which went into this document, has taken it back. Please take out what came of it."
    )
    return Report(
        id=new_id(),
        document_id=document.id,
        member_id=contribution.member_id,
        reason=ReportReason.RIGHTS,
        text=said.format(title=contribution.fields.get("title") or document.title),
    )


async def take_out(unit: UnitOfWork, document: Document) -> None:
    """Withdraw an experience, and erase its words in all versions and all that was made of them."""
    await LibraryService(unit).withdraw(document)
    await erase_versions(unit.session, document, current=True)
    documents = DocumentRepository(unit.session)
    await documents.replace_passages(document.id, [])
    await documents.replace_bands(document.id, [])
    await SynonymService(unit.session).learn(document.id, [])
    await _forget_quotes(unit, document)
    for name in _SAID:
        # What is for one house must keep it: the database sees to that.
        if not (document.visibility is Visibility.HOUSE and name == "organisation_id"):
            setattr(document, name, None)
    document.title, document.topics, document.details = GONE, [], {ERASED: True}
    await unit.session.flush()


async def _forget_quotes(unit: UnitOfWork, document: Document) -> None:
    """Take the words out of where they were quoted: the traces of answers, and what others wrote to correct them."""
    key = str(document.id)
    for answer in await AnswerRepository(unit.session).citing(document.id):
        shown = answer.trace.get("shown", [])
        emptied = [{**one, "title": GONE, "quote": None} if one["document"] == key else one for one in shown]
        answer.trace = {**answer.trace, "shown": emptied}
    for correction in await ContributionRepository(unit.session).correcting(document.id):
        if QUOTE in correction.fields:
            correction.fields = {**correction.fields, QUOTE: ""}
