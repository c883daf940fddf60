"""„Noch aktuell?": whoever looks after a document says so with one tap, corrects it, or withdraws it."""

from collections.abc import Mapping
from uuid import UUID

from bot.core.messages import Choice
from bot.core.text import bold, note, paragraph, rich
from bot.core.turn import ChoiceHandler, Handler, Turn
from bot.handlers.contributions import edit_entry
from bot.handlers.experience_draft import author_of
from bot.handlers.telling import Teller, Telling, Words
from knowledge.contributions.schemas import Author
from knowledge.contributions.service import ContributionService
from knowledge.freshness.errors import NotLookedAfter
from knowledge.freshness.service import FreshnessService
from knowledge.kit.language import _, date_text
from knowledge.models.contribution import ContributionState
from knowledge.models.document import Document

HOLDS, CORRECT, WITHDRAW, SURELY = "k", "c", "w", "y"


async def _due(telling: Telling) -> Words | None:
    key, member = telling.key("document"), telling.to.member_id
    if key is None or member is None:
        return None
    try:
        document = await FreshnessService(telling.unit).get(key, member)
    except NotLookedAfter:
        return None
    if document.review_by is None:
        return None
    # Where it may not be shown, such as on Telegram, only the hub says which one it is.
    title = document.title if telling.viewer.may_find(document) else _("A document of your organisation")
    text = rich(
        paragraph(bold(_("Still current? “{title}”").format(title=title))),
        paragraph(_("It is to be looked at by {date}.").format(date=date_text(document.review_by))),
        *telling.hub(f"/dokument/{document.id}", _("Read it in the hub")),
    )
    return text, _choices(document)


def _choices(document: Document) -> tuple[Choice, ...]:
    return (
        Choice(f"fresh:{HOLDS}{document.id.hex}", _("Still current"), "✅"),
        Choice(f"fresh:{CORRECT}{document.id.hex}", _("Correct it"), "✏️"),
        Choice(f"fresh:{WITHDRAW}{document.id.hex}", _("Withdraw it"), "🗑️"),
    )


async def choose(turn: Turn) -> None:
    """Do what its caretaker chose."""
    deeds = {HOLDS: _holds, CORRECT: _correct, WITHDRAW: _ask_withdrawing, SURELY: _withdraw}
    author, deed = author_of(turn), deeds.get(turn.glance.choice[:1])
    if not turn.glance.is_direct:
        return
    if deed is None or author is None:
        turn.say(rich(_("Everything stays as it is.")))
        return
    try:
        document = await FreshnessService(turn.unit).get(UUID(turn.glance.choice[1:]), author.member_id)
    except ValueError as error:
        raise NotLookedAfter from error
    await deed(turn, author, document)


async def _holds(turn: Turn, author: Author, document: Document) -> None:
    day = await FreshnessService(turn.unit).still_current(document.id, author.member_id)
    said = _("Thank you! You are asked again before {date}.").format(date=date_text(day))
    turn.say(rich(paragraph(bold(said))))


async def _correct(turn: Turn, author: Author, document: Document) -> None:
    """Begin a correction, or go on with one that was begun."""
    service = ContributionService(turn.unit)
    begun = [
        entry
        for entry in await service.of_author(author.member_id)
        if entry.corrects_id == document.id and entry.state is ContributionState.DRAFT
    ]
    await edit_entry(turn, begun[0] if begun else await service.start(author, corrects=document.id))


async def _ask_withdrawing(turn: Turn, _author: Author, document: Document) -> None:
    yes = Choice(f"fresh:{SURELY}{document.id.hex}", _("Yes, withdraw it"), "🗑️")
    text = rich(
        paragraph(_("Shall the document be withdrawn? Then it can be found nowhere any more.")),
        note(_("A correction is often better: others learn from what has changed.")),
    )
    turn.say(text, choices=(yes, Choice("fresh:n", _("Leave it as it is"), "↩️")))


async def _withdraw(turn: Turn, author: Author, document: Document) -> None:
    await FreshnessService(turn.unit).withdraw(document.id, author)
    turn.say(rich(_("Withdrawn. Thank you for looking after it.")))


TELLERS: Mapping[str, Teller] = {"document.review_due": _due}
CHOICES = (ChoiceHandler("fresh", Handler(choose)),)
