"""What the dialogues with the network have in common: one text, what looks like personal data in it, and as whom.

``data`` of their drafts holds: ``text`` (the words); ``kept`` (findings that stay); ``as`` (as whom it is said);
``missed`` and ``problem`` (answers in a row that did not fit, and why); and what each dialogue knows besides.
"""

from dataclasses import dataclass
from uuid import UUID

from bot.core.commands import says_something
from bot.core.dialogue import Draft, Prompt
from bot.core.messages import Choice
from bot.core.text import Block, RichText, bold, item, note, paragraph, quote, rich
from bot.core.turn import Turn
from bot.handlers.experience_draft import author_of, help_blocks, note_hit, note_miss
from knowledge.chats.service import ChatService
from knowledge.contributions.schemas import Author
from knowledge.contributions.service import ContributionService
from knowledge.kit.cleaning import clean_text
from knowledge.kit.errors import AllmendeError, NotFound
from knowledge.kit.language import _, ngettext
from knowledge.members.service import MemberService
from knowledge.models.question import ReleasedAs
from knowledge.organisations.service import OrganisationService
from knowledge.personal_data.finder import find_personal_data
from knowledge.personal_data.schemas import Finding, finding_word, redact

# Keys of choices begin with a colon, so that no word that somebody writes can be one.
REDACT, KEEP, ANEW, BACK, STOP = ":redact", ":keep", ":anew", ":back", ":stop"
_AS = ":as-"
# Findings that are listed at once.
MOST_SHOWN = 8


class NotAMember(NotFound):
    """Only verified members take part in the network."""

    code = "questions.not_a_member"

    def __init__(self) -> None:
        super().__init__(_("Only members of the network can do this. /beitreten tells how to become one."))


def member_of(turn: Turn) -> Author:
    """Return the member who acts. Raises ``NotAMember``."""
    author = author_of(turn)
    if author is None:
        raise NotAMember
    return author


def text_of(draft: Draft) -> str:
    """Return the words so far."""
    return str(draft.data.get("text") or "")


def take_text(draft: Draft, answer: str, longest: int) -> bool:
    """Take what was written as the words; ``False``, with the problem noted, where that cannot be."""
    text = clean_text(answer)
    if not says_something(text):
        note_miss(draft, _("I see no word in that."))
        return False
    if len(text) > longest:
        problem = _("Please write at most {most} characters; these are {count}.")
        note_miss(draft, problem.format(most=longest, count=len(text)))
        return False
    note_hit(draft)
    draft.data["text"] = text
    return True


def stop_choice() -> Choice:
    """Return the way out."""
    return Choice(STOP, _("Cancel"), "✖️")


def given_back(error: AllmendeError, text: str) -> RichText:
    """Return why something was not sent, with the words, so that nothing is lost."""
    blocks: list[Block] = [paragraph(error.message)]
    if text and not hasattr(error, "text"):  # those that carry the text say so themselves
        blocks.append(paragraph(_("It was not sent. These are your words, so that you do not lose them:")))
    return rich(*blocks, *([quote(text)] if text else []))


# Personal data


def open_findings(draft: Draft) -> list[Finding]:
    """Return what looks like personal data and was not decided yet."""
    kept = {tuple(pair) for pair in draft.data.get("kept", [])}
    found = find_personal_data(text_of(draft))
    return [finding for finding in found if (finding.kind.value, finding.text) not in kept]


async def ask_personal(turn: Turn, draft: Draft) -> Prompt:
    """Show what looks like personal data, all at once, and ask what shall become of it."""
    findings = open_findings(draft)
    counted = ngettext(
        "This looks like personal data. There is {count} place.",
        "This looks like personal data. There are {count} places.",
        len(findings),
    )
    shown = [item(bold(f"{finding_word(found.kind)}: "), found.text) for found in findings[:MOST_SHOWN]]
    blocks = help_blocks(turn, draft) or [paragraph(bold(counted.format(count=len(findings))))]
    blocks += [*shown, note(_("Others in the network will read this. What you leave in is up to you."))]
    choices = (
        Choice(REDACT, _("Redact it"), "🖍️"),
        Choice(KEEP, _("Leave it"), "👌"),
        Choice(ANEW, _("Write it anew"), "✏️"),
    )
    return Prompt(rich(*blocks), choices)


def take_personal(draft: Draft, answer: str) -> bool:
    """Do with the findings what was chosen; ``False`` for what was no choice."""
    if answer not in (REDACT, KEEP):
        note_miss(draft, _("Please choose what shall become of this place."))
        return False
    note_hit(draft)
    if answer == REDACT:
        for finding in sorted(open_findings(draft), key=lambda found: found.start, reverse=True):
            draft.data["text"] = redact(text_of(draft), finding)
    # What is still found after redacting is what the mark itself looks like.
    kept = draft.data.setdefault("kept", [])
    kept += [[finding.kind.value, finding.text] for finding in open_findings(draft)]
    return True


# As whom


@dataclass(frozen=True, slots=True)
class Masks:
    """As whom somebody may speak: by name, for their organisation, or described coarsely."""

    name: str
    organisation: str | None
    described: str | None


async def masks_of(turn: Turn) -> Masks:
    """Return as whom the person of this turn may speak. Raises ``NotAMember``."""
    author = member_of(turn)
    member = await MemberService(turn.unit.session).find_by_id(author.member_id)
    if member is None:
        raise NotAMember
    organisation = author.organisation_id
    if organisation is None:
        return Masks(member.name, None, None)
    found = await OrganisationService(turn.unit.session).repository.get(organisation)
    described = await ContributionService(turn.unit).describe_coarsely(organisation)
    return Masks(member.name, found.name if found else None, described)


def mask_blocks(masks: Masks) -> list[Block]:
    """Return how each choice reads to others."""
    blocks = [item(bold(_("Organisation only:")), " ", masks.organisation)] if masks.organisation else []
    named = ", ".join(part for part in (masks.name, masks.organisation) if part)
    blocks.append(item(bold(_("With your name:")), " ", named))
    blocks.append(item(bold(_("Anonymous:")), " ", masks.described or _("a member of the network")))
    return blocks


def mask_choices(masks: Masks) -> tuple[Choice, ...]:
    """Return the choices of as whom; the usual one first."""
    choices = [
        Choice(f"{_AS}{ReleasedAs.NAME.value}", _("With my name"), "🙋"),
        Choice(f"{_AS}{ReleasedAs.ANONYMOUS.value}", _("Anonymous"), "🎭"),
    ]
    if masks.organisation:
        choices.insert(0, Choice(f"{_AS}{ReleasedAs.ORGANISATION.value}", _("Organisation only"), "🏛️"))
    return tuple(choices)


def take_mask(draft: Draft, answer: str) -> ReleasedAs | None:
    """Note as whom; ``None``, with the problem noted, for what was no choice."""
    try:
        chosen = ReleasedAs(answer.removeprefix(_AS))
    except ValueError:
        note_miss(draft, _("Please choose as whom."))
        return None
    note_hit(draft)
    draft.data["as"] = chosen.value
    return chosen


def mask_word(masks: Masks, chosen: ReleasedAs) -> str:
    """Return how others will see who it is."""
    if chosen is ReleasedAs.NAME:
        return ", ".join(part for part in (masks.name, masks.organisation) if part)
    if chosen is ReleasedAs.ORGANISATION:
        return masks.organisation or _("a member of the network")
    return masks.described or _("a member of the network")


# Choices about one thing


def split_key(choice: str) -> tuple[str, UUID | None]:
    """Return the mark and the identifier in a choice: ``w0f3…`` is („w", …); without an identifier it is ``None``."""
    mark, rest = choice[:-32], choice[-32:]
    try:
        return mark, UUID(rest)
    except ValueError:
        return choice[:1], None


async def reaches(turn: Turn) -> bool:
    """Whether the bot can write to the person alone."""
    if turn.glance.features.can_write_first:
        return True
    return await ChatService(turn.unit.session).direct_chat(turn.identity.id) is not None
