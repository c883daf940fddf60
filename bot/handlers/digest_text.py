"""How a digest reads on a phone, and what can be chosen below it."""

from collections.abc import Sequence
from datetime import datetime

from bot.core.answer_text import echo
from bot.core.messages import Choice
from bot.core.text import Block, RichText, Span, bold, heading, item, link, note, paragraph, rich
from knowledge.digests.schemas import DigestContent, DigestDocument, DigestQuestion, DigestTraining
from knowledge.kit.clock import HOME
from knowledge.kit.language import _, date_text, ngettext
from knowledge.library.addresses import document_path

# Characters of a title and of a question in a digest.
LONGEST_TITLE, LONGEST_QUESTION = 140, 300
NUMBERS = ("1️⃣", "2️⃣", "3️⃣")
# Where more than is listed is found in the hub: by searching, among the open questions, among trainings.
SEARCH, QUESTIONS, TRAININGS = "/suche", "/fragen", "/schulungen"


def digest_text(content: DigestContent, title: str, *, hub: str | None) -> RichText:
    """Return a digest.

    Args:
        content: what there is to tell.
        title: whose it is.
        hub: the hub's address, where people can reach one: titles and questions lead there.
    """
    since = date_text(content.since.astimezone(HOME).date())
    return rich(
        heading(title),
        note(_("What came since {date}.").format(date=since)),
        *_documents(_("New knowledge"), content.documents, content.all_documents, hub),
        *_coming(content.coming, content.all_coming, hub),
        *_documents(_("New training material"), content.trainings, content.all_trainings, hub),
        *_questions(content.questions, hub),
    )


def _documents(title: str, documents: Sequence[DigestDocument], count: int, hub: str | None) -> list[Block]:
    if not documents:
        return []
    listed = [
        item(_linked(echo(document.title, LONGEST_TITLE), document_path(document.id), hub)) for document in documents
    ]
    return [paragraph(bold(title)), *listed, *_more(count - len(documents), SEARCH, hub)]


def _more(left: int, path: str, hub: str | None) -> list[Block]:
    if left <= 0:
        return []
    return [item(_linked(ngettext("and {count} more", "and {count} more", left).format(count=left), path, hub))]


def _coming(trainings: Sequence[DigestTraining], count: int, hub: str | None) -> list[Block]:
    if not trainings:
        return []
    listed = [
        item(
            f"{_when(training.starts_at)}: ",
            _linked(echo(training.title, LONGEST_TITLE), f"{TRAININGS}/{training.id}", hub),
            *([" ({place})".format(place=_("online"))] if training.online else []),
        )
        for training in trainings
    ]
    return [paragraph(bold(_("Coming trainings"))), *listed, *_more(count - len(trainings), TRAININGS, hub)]


def _when(moment: datetime) -> str:
    here = moment.astimezone(HOME)
    return f"{date_text(here.date())}, {here:%H:%M}"


def _questions(questions: Sequence[DigestQuestion], hub: str | None) -> list[Block]:
    if not questions:
        return []
    numbered = len(questions) > 1
    blocks = [paragraph(bold(_("Can you help? These questions are open:")))]
    for number, question in enumerate(questions, start=1):
        mark = f"{number}. " if numbered else ""
        words = _linked(echo(question.text, LONGEST_QUESTION), f"{QUESTIONS}/{question.id}", hub)
        blocks.append(item(mark, words) if mark else item(words))
    return blocks


def _linked(words: str, path: str, hub: str | None) -> Span:
    return link(words, f"{hub}{path}") if hub is not None else Span(words)


def digest_choices(questions: Sequence[DigestQuestion]) -> tuple[Choice, ...]:
    """Return the choices to answer the questions of a digest.

    A single one can also be answered by a reply in words; among several, a reply would not say which is meant.
    """
    if len(questions) == 1:
        return (Choice(f"reply:{questions[0].id.hex}", _("Answer"), "💬"),)
    return tuple(
        Choice(f"digestq:{question.id.hex}", _("Answer question {number}").format(number=number), NUMBERS[number - 1])
        for number, question in enumerate(questions, start=1)
    )
