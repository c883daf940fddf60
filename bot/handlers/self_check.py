"""``/wieweit``: how far one's house is, by a few questions, and what may help; it stays with the person."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from bot.core.dialogue import ASIDE, Dialogue, Draft, Prompt, Step
from bot.core.dialogues import begin_dialogue
from bot.core.messages import Choice
from bot.core.replies import not_for_groups, stale_choice
from bot.core.text import paragraph, rich
from bot.core.turn import ChoiceHandler, Command, Glance, Handler, Turn
from bot.handlers.experience_draft import LATER, later_choice
from bot.handlers.filling import filled
from bot.handlers.lesson_check_text import further_text, intro_text, question_text, result_text
from bot.handlers.lesson_choices import DIGITS, begin_key, pack_key, read_key
from bot.handlers.lesson_list import cut
from bot.handlers.lesson_player import learner_of
from bot.handlers.open_question_text import reader_of, service_of, title_line
from bot.handlers.peers import SHOW as SHOW_PEERS
from bot.handlers.wording import command
from knowledge.chats.dialogues import DialogueBook
from knowledge.kit.errors import InvalidInput
from knowledge.kit.language import _
from knowledge.kit.unit_of_work import unit_of_work
from knowledge.lessons.schemas import LessonOffer
from knowledge.lessons.self_check import CheckResult, DimensionResult, SelfCheckService
from knowledge.lessons.self_check_file import CheckQuestion
from knowledge.topics.tree import load_tree

NAMES = ("wieweit", "readiness")
NAME, PEERS = "howfar", "howfarp"
QUESTIONS, DELETE, ANEW = "q", "delete", "anew"
# For so many of the weakest dimensions something is offered, and so many lessons and questions at most.
MOST_WEAK, MOST_LESSONS, MOST_QUESTIONS = 2, 3, 4
_ANSWER = ":a"


async def show_check(turn: Turn) -> None:
    """Show the newest result, or begin with the questions."""
    if turn.incoming.sender.anonymous:
        turn.say(not_for_groups())
        return
    if not turn.glance.is_direct:
        said = _("Please write {command} to me in our own chat, where nobody else reads along.")
        turn.say(rich(paragraph(*filled(said, command=command(turn.glance, *NAMES)))))
        return
    last = await SelfCheckService(turn.unit.session).last(learner_of(turn.glance))
    if last is None or await _is_begun(turn):
        await _begin(turn)
    else:
        _say_result(turn, last, again=True)


async def _is_begun(turn: Turn) -> bool:
    left = await DialogueBook(turn.unit.session, turn.identity.id, turn.chat.id).named(NAME)
    return left is not None


async def _begin(turn: Turn) -> None:
    if not await _is_begun(turn):
        turn.say(intro_text(SelfCheckService(turn.unit.session).source))
    await begin_dialogue(turn, CHECK)


# The questions


async def _ask(turn: Turn, draft: Draft) -> Prompt:
    questions = SelfCheckService(turn.unit.session).source.questions
    question = _next_question(questions, draft) or questions[-1]
    number = questions.index(question)
    choices = [
        Choice(f"{_ANSWER}{place}", _("Answer {number}").format(number=place + 1), DIGITS[place])
        for place in range(len(question.answers))
    ]
    return Prompt(question_text(question, number + 1, len(questions)), (*choices, later_choice()))


def _next_question(questions: Sequence[CheckQuestion], draft: Draft) -> CheckQuestion | None:
    answers = _answers(draft)
    return next((question for question in questions if question.key not in answers), None)


def _answers(draft: Draft) -> dict[str, int]:
    answers: dict[str, int] = draft.data.setdefault("answers", {})
    return answers


async def _take(turn: Turn, draft: Draft, answer: str) -> str | None:
    if answer == LATER:
        told = _("What you answered so far is kept. {command} goes on with it.")
        turn.say(rich(paragraph(*filled(told, command=command(turn.glance, *NAMES)))))
        return ASIDE
    service = SelfCheckService(turn.unit.session)
    question = _next_question(service.source.questions, draft)
    if question is not None:
        _answers(draft)[question.key] = _chosen(question, answer)
    if _next_question(service.source.questions, draft) is not None:
        return "question"
    _say_result(turn, await service.keep(learner_of(turn.glance), _answers(draft)))
    return None


def _chosen(question: CheckQuestion, answer: str) -> int:
    """Return the number of the answer. Raises InvalidInput for words that are none."""
    place = answer.removeprefix(_ANSWER)
    if not answer.startswith(_ANSWER) or not place.isdecimal() or int(place) >= len(question.answers):
        raise InvalidInput(_("Please choose one of the answers, or write its number."))
    return int(place)


# What comes of it


def _say_result(turn: Turn, result: CheckResult, *, again: bool = False) -> None:
    anew = (Choice(f"{NAME}:{ANEW}", _("Answer anew"), "🔁"),) if again else ()
    delete = Choice(f"{NAME}:{DELETE}", _("Delete my answers"), "🗑️")
    turn.say(result_text(result), choices=(*anew, delete))
    weak = result.weakest[:MOST_WEAK]
    lessons = _lessons(weak)
    choices = (*_lesson_choices(lessons), *_topic_choices(turn.glance, weak))
    if choices:
        turn.say(further_text(weak, lessons), choices=choices)


def _lessons(weak: Sequence[DimensionResult]) -> list[LessonOffer]:
    found = {lesson.lesson_id: lesson for dimension in weak for lesson in dimension.lessons}
    return list(found.values())[:MOST_LESSONS]


def _lesson_choices(lessons: Sequence[LessonOffer]) -> tuple[Choice, ...]:
    return tuple(
        Choice(begin_key(lesson.lesson_id), cut(f"{number}: {lesson.title}"), digit)
        for number, (digit, lesson) in enumerate(zip(DIGITS, lessons, strict=False), start=1)
    )


def _topic_choices(glance: Glance, weak: Sequence[DimensionResult]) -> tuple[Choice, ...]:
    """Return the ways to colleagues and to open questions on the weakest dimension that has a topic."""
    topic = next((dimension.topic for dimension in weak if dimension.topic is not None), None)
    if topic is None or not glance.identity.verified:
        return ()
    key = pack_key(topic.id)
    return (
        Choice(f"{PEERS}:{key}", cut(_("Colleagues: {topic}").format(topic=topic.name)), "👥"),
        Choice(f"{NAME}:{QUESTIONS}{key}", cut(_("Open questions: {topic}").format(topic=topic.name)), "❓"),
    )


async def choose(turn: Turn) -> None:
    """Delete the answers, begin anew, or list open questions on a topic."""
    chosen = turn.glance.choice
    if not turn.glance.is_direct:
        turn.say(stale_choice())
    elif chosen == ANEW:
        await _begin(turn)
    elif chosen == DELETE:
        await SelfCheckService(turn.unit.session).delete(learner_of(turn.glance))
        await DialogueBook(turn.unit.session, turn.identity.id, turn.chat.id).forget(NAME)
        turn.say(rich(_("Your answers are deleted, those of earlier times too.")))
    else:
        await _list_questions(turn, read_key(chosen.removeprefix(QUESTIONS)))


async def _list_questions(turn: Turn, topic_id: UUID | None) -> None:
    """List what is open in the network on a topic: where nobody has an answer yet, others look for one, too."""
    tree = await load_tree(turn.unit.session)
    topic = tree.get(topic_id) if topic_id else None
    if topic is None:
        turn.say(stale_choice())
        return
    reader = reader_of(turn)
    found = await service_of(turn).open_for(reader, tree.below(topic.id), limit=MOST_QUESTIONS)
    if not found:
        told = _("Nobody has an open question about “{topic}” at the moment. Ask yours: {command}")
        asking = command(turn.glance, "weitergeben", "asknetwork", argument=_("your question"))
        turn.say(rich(paragraph(*filled(told.replace("{topic}", topic.name), command=asking))))
        return
    lines = "\n".join(f"{number}. {title_line(entry)}" for number, entry in enumerate(found, start=1))
    choices = tuple(
        Choice(f"open:s{entry.id.hex}", _("Show question {number}").format(number=number), digit)
        for number, (digit, entry) in enumerate(zip(DIGITS, found, strict=False), start=1)
    )
    told = _("Open in the network about “{topic}”:").format(topic=topic.name)
    turn.say(rich(paragraph(told), paragraph(lines)), choices=choices)


async def _prepare_peers(glance: Glance) -> Any:
    """Look for colleagues on the topic that was chosen."""
    key = read_key(glance.choice)
    async with unit_of_work(glance.services.database, writes=False) as unit:
        topic = (await load_tree(unit.session)).get(key) if key else None
    if topic is None or SHOW_PEERS.prepare is None:
        return None
    return await SHOW_PEERS.prepare(replace(glance, argument=topic.name))


CHECK = Dialogue(NAME, "question", {"question": Step(_ask, _take)})
COMMANDS = (
    Command(NAMES, lambda: _("How far is your house with AI? A few questions, for you alone"), Handler(show_check)),
)
CHOICES = (
    ChoiceHandler(NAME, Handler(choose)),
    ChoiceHandler(PEERS, Handler(SHOW_PEERS.act, _prepare_peers, asks=True)),
)
DIALOGUES = (CHECK,)
