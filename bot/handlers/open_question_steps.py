"""The steps of releasing a question: similar ones first, personal data, as whom, and a last look before it is sent.

``data`` holds, besides what ``open_question_draft`` says: ``question`` (the one that was asked); ``similar`` (open ones
like it, as identifier, words and whose); ``passed`` (those that were looked at); ``suggested`` and ``topics``;
``chose`` (the topics are the asker's own choice).
"""

from dataclasses import replace
from typing import Any
from uuid import UUID

from bot.core.answer_text import echo
from bot.core.dialogue import ASIDE, Draft, Prompt, Step
from bot.core.messages import Choice
from bot.core.text import Block, bold, item, note, paragraph, quote, rich
from bot.core.turn import Glance, Turn
from bot.handlers.experience_draft import help_blocks, note_hit, note_miss
from bot.handlers.filling import filled
from bot.handlers.open_question_draft import (
    ANEW,
    BACK,
    STOP,
    ask_personal,
    mask_blocks,
    mask_choices,
    mask_word,
    masks_of,
    member_of,
    open_findings,
    stop_choice,
    take_mask,
    take_personal,
    take_text,
    text_of,
)
from bot.handlers.open_question_text import (
    LONGEST_LINE,
    WITHDRAW,
    asked_by,
    list_hint,
    quoted_by,
    service_of,
    state_line,
    topics_line,
)
from bot.handlers.watching import DIGITS
from bot.handlers.wording import command, shows_public_only
from knowledge.circles.service import read_topics
from knowledge.kit.errors import AllmendeError, InvalidInput
from knowledge.kit.language import _
from knowledge.models.document import Visibility
from knowledge.models.question import ReleasedAs
from knowledge.questions.base import LONGEST_QUESTION
from knowledge.questions.errors import OrganisationNeeded, QuestionInvalid, TooManyQuestions
from knowledge.questions.preparing import prepare_question
from knowledge.questions.schemas import OpenQuestionEntry, PreparedQuestion, ReleaseWishes
from knowledge.topics.tree import TopicEntry, TopicTree, load_tree

SEND, WORDS, TOPICS, WHOM, OTHER, NONE = ":send", ":words", ":topics", ":whom", ":other", ":none"
_JOIN, _WITH, _WITHOUT = ":join-", ":+", ":-"
MOST_SIMILAR, MOST_TOPICS = 3, 5


def fresh_data(prepared: PreparedQuestion | None, *, question: UUID | None = None) -> dict[str, Any]:
    """Return what the dialogue knows when it begins."""
    draft = Draft({"question": question.hex if question else None})
    if prepared is not None:
        keep_prepared(draft, prepared)
    return draft.data


def keep_prepared(draft: Draft, prepared: PreparedQuestion) -> None:
    """Take in what was found about the words; topics that the asker chose stay."""
    data, passed = draft.data, draft.data.get("passed", [])
    data["text"] = prepared.text
    like = [[entry.id.hex, echo(entry.text, LONGEST_LINE), asked_by(entry)] for entry in prepared.similar]
    data["similar"] = [one for one in like if one[0] not in passed][:MOST_SIMILAR]
    data["suggested"] = [topic.id.hex for topic in prepared.topics]
    if not data.get("chose"):
        data["topics"] = list(data["suggested"])


def following(draft: Draft) -> str:
    """Return the step that comes before sending."""
    if not text_of(draft):
        return "words"
    if draft.data.get("similar"):
        return "similar"
    if open_findings(draft):
        return "personal"
    return "overview" if draft.data.get("as") else "whom"


def _stop(turn: Turn) -> str | None:
    turn.say(rich(_("Cancelled. Nobody was asked, and nothing of it was kept.")))
    return None


# The words


async def _ask_words(turn: Turn, draft: Draft) -> Prompt:
    blocks = help_blocks(turn, draft) or [
        paragraph(bold(_("What would you like to ask the network?"))),
        note(_("One or two sentences that colleagues elsewhere understand. Please no names of people.")),
    ]
    if not text_of(draft):
        return Prompt(rich(*blocks), (stop_choice(),))
    if draft.data.get("goes_on") and not help_blocks(turn, draft):
        blocks = [
            paragraph(bold(_("Can others understand this alone?"))),
            note(_("They do not know what you asked before. Please write a whole sentence, or leave it so.")),
        ]
    blocks += [paragraph(_("So far:")), quote(text_of(draft))]
    return Prompt(rich(*blocks), (Choice(BACK, _("Leave it so"), "⬅️"), stop_choice()))


async def _prepare_words(glance: Glance, draft: Draft, answer: str) -> PreparedQuestion | AllmendeError | None:
    if answer in (STOP, BACK) or not take_text(Draft(dict(draft.data)), answer, LONGEST_QUESTION):
        return None
    return await look_at(glance, answer)


async def look_at(glance: Glance, text: str) -> PreparedQuestion | AllmendeError:
    """Return what is to be decided about a question, or why it cannot be one; outside of any transaction."""
    services, member = glance.services, glance.identity.member_id
    try:
        return await prepare_question(services.answers, services.database, text, glance.viewer, member_id=member)
    except InvalidInput as error:
        return error


async def _take_words(turn: Turn, draft: Draft, answer: str) -> str | None:
    if answer == STOP:
        return _stop(turn)
    if answer == BACK and text_of(draft):
        note_hit(draft)
        return following(draft)
    before = text_of(draft)
    if not take_text(draft, answer, LONGEST_QUESTION):
        return "words"
    if isinstance(turn.prepared, PreparedQuestion):
        keep_prepared(draft, turn.prepared)
        return following(draft)
    draft.data["text"] = before
    note_miss(draft, turn.prepared.message if isinstance(turn.prepared, AllmendeError) else _("I see no word in that."))
    return "words"


# Similar ones


async def _ask_similar(turn: Turn, draft: Draft) -> Prompt:
    similar = draft.data["similar"]
    blocks = help_blocks(turn, draft) or [
        paragraph(bold(_("Others ask something like that already. Do you mean the same?"))),
        note(_("If you have it, too, you hear of the answers, and nobody is asked twice.")),
    ]
    lines = [f"{number}. {text} ({who})" for number, (_id, text, who) in enumerate(similar, start=1)]
    choices = [
        Choice(f"{_JOIN}{number}", _("{number}: We have this, too").format(number=number), DIGITS[number - 1])
        for number in range(1, len(similar) + 1)
    ]
    other = Choice(OTHER, _("Something else, go on"), "➡️")
    return Prompt(rich(*blocks, paragraph("\n".join(lines))), (*choices, other, stop_choice()))


async def _take_similar(turn: Turn, draft: Draft, answer: str) -> str | None:
    similar = draft.data["similar"]
    number = answer.removeprefix(_JOIN)
    if answer == STOP:
        return _stop(turn)
    if answer == OTHER:
        note_hit(draft)
        _pass_over(draft)
        return following(draft)
    if not (answer.startswith(_JOIN) and number.isdecimal() and 1 <= int(number) <= len(similar)):
        note_miss(draft, _("Please choose one of them, or “Something else, go on”."))
        return "similar"
    return await _join(turn, draft, UUID(similar[int(number) - 1][0]))


def _pass_over(draft: Draft) -> None:
    draft.data.setdefault("passed", []).extend(one[0] for one in draft.data["similar"])
    draft.data["similar"] = []


async def _join(turn: Turn, draft: Draft, key: UUID) -> str | None:
    try:
        entry = await service_of(turn).join(key, member_of(turn), viewer=turn.glance.viewer)
    except TooManyQuestions as error:
        turn.say(rich(error.message))
        return None
    except AllmendeError as error:
        # It was taken back, or answered, in the meantime: one's own question goes on.
        note_miss(draft, error.message)
        draft.data["similar"] = [one for one in draft.data["similar"] if one[0] != key.hex]
        return following(draft)
    turn.say(rich(*joined_blocks(turn, entry)))
    return None


def joined_blocks(turn: Turn, entry: OpenQuestionEntry) -> list[Block]:
    """Return what is said to somebody who joined a question."""
    return [
        paragraph(bold(_("Noted: you have this question, too."))),
        quote(echo(entry.text, LONGEST_LINE)),
        paragraph(_("I tell you when there is an answer.")),
        list_hint(turn),
    ]


# Personal data


async def _ask_personal(turn: Turn, draft: Draft) -> Prompt:
    return await ask_personal(turn, draft)


async def _take_personal(_turn: Turn, draft: Draft, answer: str) -> str | None:
    if answer == ANEW:
        note_hit(draft)
        return "words"
    return following(draft) if take_personal(draft, answer) else "personal"


# As whom


async def _ask_whom(turn: Turn, draft: Draft) -> Prompt:
    masks = await masks_of(turn)
    blocks = help_blocks(turn, draft) or [
        paragraph(_("Your question to the network:")),
        quote(text_of(draft)),
        paragraph(bold(_("In whose name do you ask?"))),
    ]
    return Prompt(rich(*blocks, *mask_blocks(masks)), (*mask_choices(masks), stop_choice()))


async def _take_whom(turn: Turn, draft: Draft, answer: str) -> str | None:
    if answer == STOP:
        return _stop(turn)
    return following(draft) if take_mask(draft, answer) else "whom"


# Topics


async def _ask_topics(turn: Turn, draft: Draft) -> Prompt:
    tree = await load_tree(turn.unit.session)
    chosen, offered = topics_of(draft, tree), _offered(draft, tree)
    choices = [
        *(
            Choice(f"{_WITHOUT}{place}", _("Without “{topic}”").format(topic=topic.name))
            for place, topic in enumerate(chosen)
        ),
        *(
            Choice(f"{_WITH}{place}", _("With “{topic}”").format(topic=topic.name))
            for place, topic in enumerate(offered)
        ),
    ]
    if chosen:
        choices.append(Choice(NONE, _("No topic")))
    choices.append(Choice(BACK, _("That is right")))
    blocks = help_blocks(turn, draft) or [
        paragraph(bold(_("Which topics does it belong to?"))),
        note(_("Circles and colleagues with these topics get it. You can also write other ones, parted by commas.")),
    ]
    blocks.append(item(bold(_("Now:")), " ", topics_line(chosen)))
    numbered = [replace(choice, emoji=digit) for choice, digit in zip(choices, DIGITS, strict=False)]
    return Prompt(rich(*blocks), tuple(numbered))


def _topics(draft: Draft, tree: TopicTree, name: str) -> list[TopicEntry]:
    found = (tree.get(UUID(key)) for key in draft.data.get(name, []))
    return [topic for topic in found if topic is not None]


def topics_of(draft: Draft, tree: TopicTree) -> list[TopicEntry]:
    """Return the topics as they are chosen now."""
    return _topics(draft, tree, "topics")


def _offered(draft: Draft, tree: TopicTree) -> list[TopicEntry]:
    """Return the topics that were suggested and are not chosen."""
    chosen = topics_of(draft, tree)
    return [topic for topic in _topics(draft, tree, "suggested") if topic not in chosen]


async def _take_topics(turn: Turn, draft: Draft, answer: str) -> str | None:
    if answer == BACK:
        note_hit(draft)
        return following(draft)
    chosen = _chosen(draft, await load_tree(turn.unit.session), answer)
    if chosen is None:
        return "topics"
    note_hit(draft)
    draft.data["topics"], draft.data["chose"] = [topic.id.hex for topic in chosen][:MOST_TOPICS], True
    return "topics"


def _chosen(draft: Draft, tree: TopicTree, answer: str) -> list[TopicEntry] | None:
    """Return the topics after an answer; ``None``, with the problem noted, for what was none."""
    chosen = topics_of(draft, tree)
    if answer == NONE:
        return []
    if answer.startswith(_WITHOUT):
        return [topic for place, topic in enumerate(chosen) if f"{_WITHOUT}{place}" != answer]
    if answer.startswith(_WITH):
        more = [topic for place, topic in enumerate(_offered(draft, tree)) if f"{_WITH}{place}" == answer]
        return [*chosen, *more]
    return _named(draft, tree, answer)


def _named(draft: Draft, tree: TopicTree, answer: str) -> list[TopicEntry] | None:
    """Return the topics that somebody wrote; ``None``, with the problem noted, where one is unknown."""
    try:
        words = read_topics(answer)
    except InvalidInput as error:
        note_miss(draft, error.message)
        return None
    found = {word: tree.find(word) for word in words}
    unknown = [word for word, topic in found.items() if topic is None or topic.retired]
    if unknown or not found:
        problem = _("I do not know the topic “{word}”. Please choose below, or write another word.")
        note_miss(draft, problem.format(word=unknown[0] if unknown else answer[:40]))
        return None
    return list(dict.fromkeys(topic for topic in found.values() if topic is not None))


# The last look


async def _ask_overview(turn: Turn, draft: Draft) -> Prompt:
    choices = (
        Choice(SEND, _("Send it"), "✅"),
        Choice(WORDS, _("Other words"), "✏️"),
        Choice(TOPICS, _("Other topics"), "🏷️"),
        Choice(WHOM, _("As somebody else"), "🎭"),
        stop_choice(),
    )
    if problem := help_blocks(turn, draft):
        return Prompt(rich(*problem), choices)
    whose = mask_word(await masks_of(turn), ReleasedAs(draft.data["as"]))
    topics = topics_line(topics_of(draft, await load_tree(turn.unit.session)))
    blocks = [
        paragraph(_("This is what others will see:")),
        paragraph(bold(quoted_by(whose))),
        quote(text_of(draft)),
        item(bold(_("Topics:")), " ", topics),
        item(bold(_("Goes to:")), " ", _goes_to(draft)),
        item(bold(_("Seen by:")), " ", _seen_by(turn.glance)),
        paragraph(bold(_("Shall I send it?"))),
    ]
    return Prompt(rich(*blocks), choices)


def _goes_to(draft: Draft) -> str:
    if draft.data.get("topics"):
        return _("circles with these topics, and at most three colleagues who offered help")
    return _("nobody by itself, as it has no topic; whoever looks for open questions finds it")


def _seen_by(glance: Glance) -> str:
    if shows_public_only(glance):
        return _("all members of the network. As you ask on Telegram, it is then also shown on Telegram.")
    if glance.services.settings.telegram.telegram_visibility == "public":
        return _("all members of the network, in the hub and in chats of our own; not on Telegram")
    return _("all members of the network, in the hub and in chats")


async def _prepare_overview(glance: Glance, draft: Draft, answer: str) -> PreparedQuestion | AllmendeError | None:
    return await look_at(glance, text_of(draft)) if answer == SEND else None


async def _take_overview(turn: Turn, draft: Draft, answer: str) -> str | None:
    steps = {WORDS: "words", TOPICS: "topics", WHOM: "whom"}
    if answer == STOP:
        return _stop(turn)
    if answer in steps:
        note_hit(draft)
        return steps[answer]
    if answer != SEND or turn.prepared is None:
        note_miss(draft, _("I do not know what to do with this here. Please choose below."))
        return "overview"
    if isinstance(turn.prepared, AllmendeError):
        note_miss(draft, turn.prepared.message)
        return "words"
    return await _send(turn, draft, turn.prepared)


async def _send(turn: Turn, draft: Draft, prepared: PreparedQuestion) -> str | None:
    try:
        entry = await service_of(turn).release(member_of(turn), prepared, wishes_of(turn.glance, draft))
    except TooManyQuestions as error:
        kept = filled(_("Your question is kept; {command} goes on with it."), command=_again(turn.glance))
        turn.say(rich(paragraph(error.message), note(*kept)))
        return ASIDE
    except (QuestionInvalid, OrganisationNeeded) as error:
        note_miss(draft, error.message)
        return "words" if isinstance(error, QuestionInvalid) else "whom"
    turn.say(rich(*_sent_blocks(turn, entry)), choices=(_take_back(entry),))
    return None


def wishes_of(glance: Glance, draft: Draft) -> ReleaseWishes:
    """Return how the question is to be released; where only what is public is shown, it has to be that."""
    question = draft.data.get("question")
    return ReleaseWishes(
        released_as=ReleasedAs(draft.data["as"]),
        visibility=Visibility.PUBLIC if shows_public_only(glance) else Visibility.NETWORK,
        topics=tuple(UUID(key) for key in draft.data.get("topics", [])),
        question_id=UUID(question) if question else None,
        # The step before has shown everything that was found, and the asker decided about it.
        knows_findings=True,
    )


def _again(glance: Glance) -> Any:
    return command(glance, "weitergeben", "asknetwork")


def _take_back(entry: OpenQuestionEntry) -> Choice:
    return Choice(f"open:{WITHDRAW}{entry.id.hex}", _("Withdraw it"), "🗑️")


def _sent_blocks(turn: Turn, entry: OpenQuestionEntry) -> list[Block]:
    blocks = [
        paragraph(bold(_("Your question is on its way."))),
        item(bold(_("State:")), " ", state_line(entry)),
        paragraph(_("I tell you of every answer. If nobody answers within three working days, I remind others.")),
    ]
    return [*blocks, list_hint(turn)]


STEPS = {
    "words": Step(_ask_words, _take_words, _prepare_words),
    "similar": Step(_ask_similar, _take_similar),
    "personal": Step(_ask_personal, _take_personal),
    "whom": Step(_ask_whom, _take_whom),
    "topics": Step(_ask_topics, _take_topics),
    "overview": Step(_ask_overview, _take_overview, _prepare_overview),
}
