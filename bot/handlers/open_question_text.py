"""How open questions and their answers read on a phone, and what can be chosen below them."""

from collections.abc import Sequence
from uuid import UUID

from bot.core.answer_text import echo
from bot.core.messages import Choice
from bot.core.text import Block, bold, item, note, paragraph, quote
from bot.core.turn import Turn
from bot.handlers.filling import filled
from bot.handlers.open_question_draft import member_of
from bot.handlers.wording import command
from knowledge.kit.clock import HOME
from knowledge.kit.language import _, date_text, ngettext
from knowledge.models.document import Visibility
from knowledge.models.question import OpenQuestionState
from knowledge.questions.schemas import OpenAnswerEntry, OpenQuestionEntry, QuestionStatus, Reader, Stage
from knowledge.questions.service import QuestionService
from knowledge.topics.tree import TopicEntry

# What stands in lists, and what a choice's label repeats.
LONGEST_LINE, LONGEST_LABEL = 140, 26
# What a choice does, behind „open:" and before the question's identifier.
SHOW, READ, WITHDRAW, SURELY, LEAVE, JOIN, NOT_IT = "s", "a", "w", "y", "l", "j", "n"
# What is reported or blocked, before its identifier.
QUESTION, ANSWER, MESSAGE, CONTACT = "q", "a", "m", "c"
YES, NO, LATER, BY_NAME = "y", "n", "l", "w"


def service_of(turn: Turn) -> QuestionService:
    """Return the open questions in this turn's transaction."""
    return QuestionService(turn.unit, abroad=turn.services.settings.telegram.telegram_visibility)


def reader_of(turn: Turn) -> Reader:
    """Return the member who reads, with what may be shown in this place. Raises ``NotAMember``."""
    return Reader(member_of(turn).member_id, turn.glance.viewer)


def list_hint(turn: Turn) -> Block:
    """Return where everything about questions is found."""
    sentence = _("{command} shows where your questions stand.")
    return note(*filled(sentence, command=command(turn.glance, "fragen", "questions")))


# Questions


def title_line(entry: OpenQuestionEntry) -> str:
    """Return a question in one line; its words are gone when it was withdrawn."""
    return echo(entry.text, LONGEST_LINE) if entry.text else _("a question that was withdrawn")


def asked_by(entry: OpenQuestionEntry) -> str:
    """Return whose question it is, as far as that may be said."""
    return entry.asked_by or _("a member of the network")


def answered_by(entry: OpenAnswerEntry) -> str:
    """Return whose answer it is, as far as that may be said."""
    return entry.answered_by or _("a member of the network")


def topics_line(topics: Sequence[TopicEntry]) -> str:
    """Return the names of topics."""
    return ", ".join(topic.name for topic in topics) or _("none")


def state_line(entry: OpenQuestionEntry) -> str:
    """Return where a question stands, in one plain sentence."""
    if entry.status is not None:
        return _stage_line(entry.status)
    words = {
        OpenQuestionState.OPEN: _("open"),
        OpenQuestionState.ANSWERED: _("answered"),
        OpenQuestionState.PUBLISHED: _("answered; the answer is in the library"),
        OpenQuestionState.WITHDRAWN: _("withdrawn"),
    }
    return words[entry.state]


def _stage_line(status: QuestionStatus) -> str:
    words = {
        Stage.WAITING: _("waits for somebody who knows the topic; it stands in the hub and in digests"),
        Stage.BROUGHT: _brought_line(status),
        Stage.HAS_ANSWERS: ngettext("{count} answer", "{count} answers", status.answers).format(count=status.answers),
        Stage.REMINDED: _("no answer so far; the competence centre was reminded"),
        Stage.OVERDUE: _("no answer for two weeks; it stands among the gaps that the competence centre works on"),
        Stage.ANSWERED: _("an answer helped"),
        Stage.PUBLISHED: _("the answer is in the library"),
        Stage.WITHDRAWN: _("withdrawn"),
    }
    return words[status.stage]


def _brought_line(status: QuestionStatus) -> str:
    parts = []
    if status.circles:
        parts.append(ngettext("{count} circle", "{count} circles", status.circles).format(count=status.circles))
    if status.people is not None:
        parts.append(ngettext("{count} colleague", "{count} colleagues", status.people).format(count=status.people))
    elif status.asked_people:
        parts.append(_("less than three colleagues"))
    return _("went to {whom}; no answer so far").format(whom=_(" and ").join(parts) or _("the network"))


def date_line(entry: OpenQuestionEntry) -> str:
    """Return when a question was released."""
    return date_text(entry.created_at.astimezone(HOME).date())


def question_blocks(entry: OpenQuestionEntry) -> list[Block]:
    """Return a question with who asks and its topics."""
    return [
        paragraph(quoted_by(asked_by(entry))),
        quote(entry.text),
        *([note(_("Topics: {topics}").format(topics=topics_line(entry.topics)))] if entry.topics else []),
    ]


def quoted_by(who: str) -> str:
    """Return the line above words of somebody else."""
    return _("{who} asks:").format(who=capital(who))


def capital(who: str) -> str:
    """Return whose something is, as a sentence begins."""
    return who[:1].upper() + who[1:]


def own_blocks(entry: OpenQuestionEntry) -> list[Block]:
    """Return one's own or joined question, with where it stands."""
    blocks = [
        paragraph(bold(title_line(entry))),
        item(bold(_("State:")), " ", state_line(entry)),
        item(bold(_("Since:")), " ", date_line(entry)),
    ]
    if entry.topics:
        blocks.append(item(bold(_("Topics:")), " ", topics_line(entry.topics)))
    if entry.followers is not None:
        counted = ngettext("{count} other has it, too", "{count} others have it, too", entry.followers)
        blocks.append(item(counted.format(count=entry.followers)))
    if entry.mine:
        seen = {
            Visibility.PUBLIC: _("members of the network, also on Telegram"),
            Visibility.NETWORK: _("members of the network"),
        }
        blocks.append(item(bold(_("Seen by:")), " ", seen.get(entry.visibility, _("members of the network"))))
    elif entry.joined:
        blocks.append(item(_("You said that you have this question, too.")))
    return blocks


def own_choices(entry: OpenQuestionEntry) -> tuple[Choice, ...]:
    """Return what can be done with one's own or joined question where it stands."""
    key, choices = entry.id.hex, []
    if entry.answers and entry.state is not OpenQuestionState.WITHDRAWN:
        choices.append(Choice(f"open:{READ}{key}", _("Read answers"), "📖"))
    if entry.state is OpenQuestionState.PUBLISHED and entry.mine:
        choices.append(Choice(f"open:{NOT_IT}{key}", _("That is not it"), "👎"))
    if entry.mine and entry.state is not OpenQuestionState.WITHDRAWN:
        choices.append(Choice(f"open:{WITHDRAW}{key}", _("Withdraw it"), "🗑️"))
    elif entry.joined:
        choices.append(Choice(f"open:{LEAVE}{key}", _("Not our question any more"), "🔕"))
    return tuple(choices)


def helping_choices(entry: OpenQuestionEntry, *, alone: bool) -> tuple[Choice, ...]:
    """Return what somebody can do who may be able to help; in a group only what is no matter of one person."""
    key = entry.id.hex
    answer = Choice(f"reply:{key}", _("Answer"), "💬")
    too = Choice(f"open:{JOIN}{key}", _("We have this, too"), "🙋")
    if not alone:
        return answer, too
    cannot = (Choice(f"pass:{key}", _("I cannot"), "🙈"),) if entry.asked_me else (too,)
    return (answer, *cannot, *minding_choices(QUESTION, entry.id))


def minding_choices(kind: str, about: UUID) -> tuple[Choice, ...]:
    """Return the choices against what somebody wrote, whoever it is."""
    return (
        Choice(f"flag:{kind}{about.hex}", _("Report it"), "🚩"),
        Choice(f"block:{kind}{about.hex}", _("Nothing more from this person"), "🚫"),
    )


# Answers


def answer_blocks(entry: OpenAnswerEntry) -> list[Block]:
    """Return an answer with whose it is, and what was written about it."""
    blocks = [paragraph(bold(capital(answered_by(entry))), ":"), quote(entry.text)]
    for message in entry.messages:
        who = _("You:") if message.mine else _("The asker:") if message.from_asker else _("The answerer:")
        blocks += [paragraph(who), quote(message.text)]
    if entry.helped is not None:
        blocks.append(note(_("This helped.") if entry.helped else _("This did not help.")))
    return blocks


def asker_choices(entry: OpenAnswerEntry) -> tuple[Choice, ...]:
    """Return what the asker can do with an answer."""
    key = entry.id.hex
    return (
        Choice(f"good:+{key}", _("Helped"), "👍"),
        Choice(f"good:-{key}", _("Did not help"), "👎"),
        Choice(f"word:{key}", _("Ask back"), "💬"),
        *minding_choices(ANSWER, entry.id),
    )


def know_choices(answer_id: UUID) -> tuple[Choice, ...]:
    """Return the answers to whether something may be made of an answer for the library."""
    return (
        Choice(f"know:{YES}{answer_id.hex}", _("Yes, gladly"), "📚"),
        Choice(f"know:{NO}{answer_id.hex}", _("Better not"), "✖️"),
        Choice(f"know:{LATER}{answer_id.hex}", _("Ask me later"), "💤"),
    )


def know_blocks() -> list[Block]:
    """Return the question whether an answer may become a contribution."""
    return [
        paragraph(bold(_("May this become an entry of the library?"))),
        note(_("A moderator reads it first, and it names you no more than your answer did. Others find it then.")),
    ]
