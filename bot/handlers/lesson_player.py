"""Taking a lesson: one step a message, at one's own pace, in the direct chat, with the place kept.

Each step is a message of its own and none is changed: what was read stays where it was, also for those who have it read
out to them, and who looks for an explanation later finds it.
"""

from collections.abc import Sequence

from bot.core.messages import Attachment, Choice
from bot.core.replies import marked
from bot.core.text import Block, RichText, note, paragraph, rich
from bot.core.turn import Glance, Turn
from bot.handlers.answers import personal_viewer
from bot.handlers.filling import filled
from bot.handlers.lesson_choices import (
    go_on_choice,
    helpful_choices,
    opening_choices,
    path_key,
    step_choices,
    stop_choice,
)
from bot.handlers.lesson_list import cut
from bot.handlers.lesson_text import About, closing_text, explanation_text, opening_text, step_text
from bot.handlers.wording import command
from knowledge.kit.language import _
from knowledge.lessons.schemas import AnswerState, Learner, RunState
from knowledge.lessons.service import LessonService
from knowledge.lessons.steps import PictureStep, QuestionStep

# The choice to have a path certified (see training_certificates.py).
CERTIFICATE = "cert:p"


def learner_of(glance: Glance) -> Learner:
    """Return as whom somebody learns: what they may find is decided by their direct chat, wherever they pressed."""
    identity, viewer = glance.identity, glance.viewer if glance.is_direct else personal_viewer(glance)
    return Learner(identity.member_id, identity.id, viewer)


def tell(turn: Turn, text: RichText, choices: tuple[Choice, ...] = (), *, attachment: Attachment | None = None) -> None:
    """Say something to the learner alone, with commands as they are written on their network."""
    text = marked(text, turn.glance)
    if turn.glance.is_direct:
        turn.say(text, choices=choices, attachment=attachment)
    else:
        turn.say_privately(text, choices=choices, attachment=attachment)


def say_opening(turn: Turn, state: RunState) -> None:
    """Say what a lesson is about, before its first step."""
    lesson = state.lesson
    about = About(lesson.title, lesson.summary, lesson.level, lesson.minutes, len(state.steps), state.missing)
    tell(turn, opening_text(about), opening_choices(state.run_id))


async def say_step(turn: Turn, state: RunState, *, again: bool = False) -> None:
    """Say the step that somebody is at; ``again``: they come back to it, and are told to which lesson."""
    step = state.current
    if step is None:
        say_end(turn, state)
        return
    text = step_text(step, state.at + 1, len(state.steps))
    if again:
        text = rich(note(_("We go on with “{title}”.").format(title=state.lesson.title))) + text
    choices = step_choices(state.run_id, state.at, step)
    if isinstance(step, QuestionStep) and state.answered:
        choices = (*choices[:-1], go_on_choice(state.run_id, state.at), choices[-1])
    picture = await _picture(turn, state, step) if isinstance(step, PictureStep) else None
    if isinstance(step, PictureStep) and picture is None:
        text = text + rich(note(_("Picture: {words}").format(words=step.alt)))
    tell(turn, text, choices, attachment=picture)


async def _picture(turn: Turn, state: RunState, step: PictureStep) -> Attachment | None:
    found = await LessonService(turn.unit).picture(state.lesson.id, step.picture, step.digest)
    if found is None:
        return None
    return Attachment(found.name, found.media_type, found.content, step.alt, found.width, found.height)


def say_explanation(turn: Turn, answer: AnswerState) -> None:
    """Say whether an answer is right, and why."""
    run = answer.state.run_id
    choices = (go_on_choice(run, answer.step), stop_choice(run, answer.step))
    tell(turn, explanation_text(answer.question, answer.chosen), choices)


def say_end(turn: Turn, state: RunState) -> None:
    """Say what was learned and from where it is, ask whether it helped, and offer what comes next."""
    more = _path_blocks(turn.glance, state)
    text = closing_text(state.lesson.title, state.lesson.summary, state.references, more)
    tell(turn, text, (*helpful_choices(state.run_id), *_next_choice(turn.glance, state)))


def _path_blocks(glance: Glance, state: RunState) -> Sequence[Block]:
    path = state.path
    if path is None:
        return ()
    if not path.completed:
        done = _("Of the learning path “{title}” you have done {done} of {count}.")
        return (paragraph(done.format(title=path.path.title, done=path.done, count=len(path.lessons))),)
    told = paragraph(_("You have completed the learning path “{title}”.").format(title=path.path.title))
    return (told, _proof(glance))


def _proof(glance: Glance) -> Block:
    """Return how to get a record of a path; members alone have one."""
    if glance.identity.verified:
        sentence = _("Your record of it: {command}")
        return note(*filled(sentence, command=command(glance, "nachweise", "certificates")))
    sentence = _("Members get a record of it: {command}")
    return note(*filled(sentence, command=command(glance, "beitreten", "join")))


def _next_choice(glance: Glance, state: RunState) -> tuple[Choice, ...]:
    following = state.next_lesson
    if state.path is None:
        return ()
    if following is None:
        record = Choice(f"{CERTIFICATE}{state.path.path.id.hex}", _("Get the record"), "📜")
        return (record,) if state.path.completed and glance.identity.verified else ()
    return (Choice(path_key(state.path.path.id), _("Next: {title}").format(title=cut(following.lesson.title)), "▶️"),)
