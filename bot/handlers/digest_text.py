"""How a digest reads on a phone, and what can be chosen below it."""

from collections.abc import Sequence

from bot.core.answer_text import echo
from bot.core.messages import Choice
from bot.core.text import Block, RichText, Span, bold, heading, item, link, note, paragraph, rich
from knowledge.digests.schemas import DigestContent, DigestDocument, DigestQuestion
from knowledge.kit.clock import HOME
from knowledge.kit.language import _, date_text, ngettext
from knowledge.library.addresses import document_path

# Characters of a title and of a question in a digest.
LONGEST_TITLE, LONGEST_QUESTION = 140, 300
NUMBERS = ("1️⃣", "2️⃣", "3️⃣")
# Where more than is listed is found in the hub: by searching, and among the open questions.
SEARCH, QUESTIONS = "/suche", "/fragen"


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
        *_documents(_("New trainings"), content.trainings, content.all_trainings, hub),
        *_questions(content.questions, hub),
    )


def _documents(title: str, documents: Sequence[DigestDocument], count: int, hub: str | None) -> list[Block]:
    if not documents:
        return []
    listed = [
        item(_linked(echo(document.title, LONGEST_TITLE), document_path(document.id), hub)) for document in documents
    ]
    left = count - len(documents)
    more = ngettext("and {count} more", "and {count} more", left).format(count=left)
    return [paragraph(bold(title)), *listed, *([item(_linked(more, SEARCH, hub))] if left > 0 else [])]


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
