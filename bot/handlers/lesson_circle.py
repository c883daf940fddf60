"""``/lernpfad``: a circle takes a learning path together, one lesson a week, and talks about it in its group."""

import re
from collections.abc import Awaitable, Callable, Mapping
from uuid import UUID

from bot.core.messages import Choice
from bot.core.replies import not_for_groups, stale_choice
from bot.core.text import Block, RichText, heading, note, paragraph, rich
from bot.core.turn import ChoiceHandler, Command, Handler, Turn
from bot.handlers.digests import OFF, read_time
from bot.handlers.filling import filled
from bot.handlers.lesson_choices import DIGITS, START_WORD, pack_key, read_key, weekly_key
from bot.handlers.lesson_list import cut
from bot.handlers.lesson_text import minutes_words
from bot.handlers.telling import Teller, Telling, Words
from bot.handlers.wording import command, whom_to_ask
from knowledge.digests.schedule import day_name
from knowledge.kit.clock import HOME
from knowledge.kit.errors import AllmendeError
from knowledge.kit.language import _, current_language, date_text, ngettext
from knowledge.lessons.circles import ENDED, POSTED, CirclePathService, CirclePathWish
from knowledge.lessons.errors import UnknownLesson, UnknownPath
from knowledge.lessons.learning import LearningService
from knowledge.lessons.schemas import CircleLessonEntry, CirclePathEntry, Learner, LessonEntry, PathOffered
from knowledge.lessons.service import LessonService
from knowledge.models.chat import ChatKind
from knowledge.models.lesson import CirclePathState

NAMES = ("lernpfad", "path")
NAME = "cpath"
PAUSE, GO_ON, END, SURELY = "pause", "on", "end", "surely"
# Hours that are offered; others can be written.
HOURS = (8, 9, 10, 12, 14)
WORKDAYS = 5
MOST_PATHS = 7
_KEY = re.compile(r"(?P<key>[\w-]{22})(?:\.(?P<day>[0-6]))?(?:\.(?P<hour>\d{1,2}))?", re.ASCII)


async def show_circle_path(turn: Turn) -> None:
    """Show which path the circle takes, or let a moderator choose one; with words, change its time or end it."""
    if turn.incoming.sender.anonymous:
        turn.say(not_for_groups())
    elif turn.chat.circle is None:
        turn.say(rich(_("This group is not linked to a circle yet, so there is nothing to set.")))
    elif turn.glance.argument:
        await _change(turn, turn.chat.circle.id, turn.glance.argument)
    else:
        await _show(turn, turn.chat.circle.id)


async def _show(turn: Turn, circle_id: UUID) -> None:
    taken = await CirclePathService(turn.unit.session).find(circle_id)
    if taken is not None and taken.state is not CirclePathState.DONE:
        turn.say(await _taken_text(turn, taken), choices=_taken_choices(taken) if turn.identity.moderates else ())
    elif turn.identity.moderates:
        await _offer_paths(turn)
    else:
        turn.say(rich(_("This circle takes no learning path at the moment. A moderator can begin one.")))


async def _title(turn: Turn, taken: CirclePathEntry) -> str | None:
    """Return what the path is called, if the group may find it still."""
    try:
        return (await LearningService(turn.unit).path(taken.path_id, _anybody(turn))).path.title
    except UnknownPath:
        return None


async def _taken_text(turn: Turn, taken: CirclePathEntry) -> RichText:
    title = await _title(turn, taken)
    if title is None:
        hidden = _(
            "This circle takes a learning path that may not be shown here at the moment. No lesson comes meanwhile."
        )
        return rich(hidden)
    blocks: list[Block] = [heading(_("Learning path of this circle: {title}").format(title=title))]
    so_far = _("{done} of {count} lessons so far.").format(done=taken.done, count=taken.lessons)
    if taken.state is CirclePathState.PAUSED:
        blocks.append(paragraph(_("It pauses at the moment."), " ", so_far))
    else:
        blocks.append(paragraph(_when(taken), " ", so_far))
    if turn.identity.moderates:
        wanted = command(turn.glance, *NAMES, argument=_("Thursday 14"))
        blocks.append(note(*filled(_("At another time: {time}"), time=wanted)))
    return rich(*blocks)


def _when(taken: CirclePathEntry) -> str:
    told = _("A lesson comes each {day} at {hour} o’clock, the next one on {date}.")
    date = date_text(taken.next_at.astimezone(HOME).date())
    return told.format(day=day_name(taken.day), hour=taken.hour, date=date)


def _taken_choices(taken: CirclePathEntry) -> tuple[Choice, ...]:
    paused = taken.state is CirclePathState.PAUSED
    changing = Choice(f"{NAME}:{GO_ON}", _("Go on"), "▶️") if paused else Choice(f"{NAME}:{PAUSE}", _("Pause"), "⏸️")
    return (changing, Choice(f"{NAME}:{END}", _("End it"), "⏹️"))


# Beginning: a path, a day, an hour


async def _offer_paths(turn: Turn) -> None:
    found = await LearningService(turn.unit).paths(_anybody(turn))
    spoken = [path for path in found if path.path.language == current_language()]
    paths = (spoken or found)[:MOST_PATHS]
    if not paths:
        turn.say(rich(_("There is no learning path that this group could take yet.")))
        return
    lines = "\n".join(f"{number}. {_path_line(path)}" for number, path in enumerate(paths, start=1))
    told = _("Which learning path shall this circle take together? One lesson a week comes into this group.")
    choices = tuple(
        Choice(f"{NAME}:{pack_key(path.path.id)}", cut(f"{number}: {path.path.title}"), digit)
        for number, (digit, path) in enumerate(zip(DIGITS, paths, strict=False), start=1)
    )
    turn.say(rich(paragraph(told), paragraph(lines)), choices=choices)


def _anybody(turn: Turn) -> Learner:
    """Return the group as a learner: what all of it may find, and nobody's progress."""
    return Learner(None, None, turn.glance.viewer)


def _path_line(path: PathOffered) -> str:
    count = len(path.lessons)
    lessons = ngettext("{count} lesson", "{count} lessons", count).format(count=count)
    return f"{path.path.title} ({lessons})"


def _ask_day(turn: Turn, path_id: UUID) -> None:
    choices = tuple(Choice(f"{NAME}:{pack_key(path_id)}.{day}", day_name(day), DIGITS[day]) for day in range(WORKDAYS))
    turn.say(rich(_("On which day of the week?")), choices=choices)


def _ask_hour(turn: Turn, path_id: UUID, day: int) -> None:
    choices = tuple(
        Choice(f"{NAME}:{pack_key(path_id)}.{day}.{hour}", _("{hour} o’clock").format(hour=hour), DIGITS[place])
        for place, hour in enumerate(HOURS)
    )
    turn.say(rich(_("{day}, at what time?").format(day=day_name(day))), choices=choices)


async def _start(turn: Turn, wish: CirclePathWish) -> None:
    service = CirclePathService(turn.unit.session)
    taken = await service.start(wish, turn.glance.viewer, turn.identity.member_id)
    told = _("This circle takes the learning path “{title}” together.").format(title=taken.title)
    own = _("Everybody takes the lesson in our own chat, when it suits them, and nobody sees their answers.")
    turn.say(rich(paragraph(told, " ", _when(taken)), note(own)))


# What moderators decide


async def choose(turn: Turn) -> None:
    """Do what was chosen below the settings; anybody in the group can press, moderators alone decide."""
    circle = turn.chat.circle
    if turn.incoming.sender.anonymous:
        turn.say(not_for_groups())
    elif circle is None:
        turn.say(stale_choice())
    elif _may_decide(turn):
        deed = _DEEDS.get(turn.glance.choice)
        await (deed(turn, circle.id) if deed is not None else _begin(turn, circle.id))


def _may_decide(turn: Turn) -> bool:
    if turn.identity.moderates:
        return True
    turn.say(rich(_("Only moderators decide this."), note(whom_to_ask(turn.glance))))
    return False


async def _begin(turn: Turn, circle_id: UUID) -> None:
    """Go on with what was chosen so far: a path, then a day, then an hour."""
    found = _KEY.fullmatch(turn.glance.choice)
    path_id = read_key(found["key"]) if found else None
    if found is None or path_id is None:
        turn.say(stale_choice())
    elif found["day"] is None:
        _ask_day(turn, path_id)
    elif found["hour"] is None:
        _ask_hour(turn, path_id, int(found["day"]))
    else:
        await _start(turn, CirclePathWish(circle_id, path_id, int(found["day"]), int(found["hour"])))


async def _change(turn: Turn, circle_id: UUID, words: str) -> None:
    """Set another day and hour, or end it."""
    if not _may_decide(turn):
        return
    taken = await CirclePathService(turn.unit.session).of_circle(circle_id)
    if words.strip().casefold() in OFF:
        await _ask_end(turn, circle_id)
        return
    try:
        day, hour = read_time(words)
    except AllmendeError as error:
        example = command(turn.glance, *NAMES, argument=_("Thursday 14"))
        turn.say(rich(paragraph(error.message), note(*filled(_("For example: {command}"), command=example))))
        return
    await _start(turn, CirclePathWish(circle_id, taken.path_id, day or 0, hour))


async def _pause(turn: Turn, circle_id: UUID) -> None:
    taken = await CirclePathService(turn.unit.session).pause(circle_id)
    turn.say(await _taken_text(turn, taken), choices=_taken_choices(taken))


async def _go_on(turn: Turn, circle_id: UUID) -> None:
    taken = await CirclePathService(turn.unit.session).go_on(circle_id)
    turn.say(await _taken_text(turn, taken), choices=_taken_choices(taken))


async def _ask_end(turn: Turn, circle_id: UUID) -> None:
    title = await _title(turn, await CirclePathService(turn.unit.session).of_circle(circle_id))
    asked = _("Shall the learning path end here? Everybody keeps what they have learned.")
    if title is not None:
        asked = _("Shall “{title}” end here? Everybody keeps what they have learned.").format(title=title)
    turn.say(rich(asked), choices=(Choice(f"{NAME}:{SURELY}", _("Yes, end it"), "⏹️"),))


async def _end(turn: Turn, circle_id: UUID) -> None:
    await CirclePathService(turn.unit.session).end(circle_id)
    sentence = _("The learning path has ended. {command} begins another one.")
    turn.say(rich(paragraph(*filled(sentence, command=command(turn.glance, *NAMES)))))


_DEEDS: Mapping[str, Callable[[Turn, UUID], Awaitable[None]]] = {
    PAUSE: _pause,
    GO_ON: _go_on,
    END: _ask_end,
    SURELY: _end,
}


# What comes into the group


async def _tell_lesson(telling: Telling) -> Words | None:
    """Bring the lesson of the week, if the group may still find it and still takes the path."""
    key = telling.key("circle_lesson")
    brought = await CirclePathService(telling.unit.session).lesson(key) if key else None
    if brought is None or telling.group is None or not await _may_find(telling, brought.path_id):
        return None
    try:
        lesson = (await LessonService(telling.unit).get(brought.lesson_id, telling.viewer)).entry
    except UnknownLesson:
        return None
    return _lesson_text(brought, lesson), (_learn_choice(telling, brought),)


async def _may_find(telling: Telling, path_id: UUID) -> bool:
    try:
        await LearningService(telling.unit).path(path_id, Learner(None, None, telling.viewer))
    except UnknownPath:
        return False
    return True


def _lesson_text(brought: CircleLessonEntry, lesson: LessonEntry) -> RichText:
    place = _("{path}: lesson {number} of {count}")
    facts = place.format(path=brought.path_title, number=brought.number, count=brought.count)
    asked = _(
        "Take it when it suits you. Then talk about it in the thread below this message: what of it do you know from "
        "your own house, and what would you do differently?"
    )
    return rich(
        heading(_("The lesson of the week: {title}").format(title=lesson.title)),
        paragraph(lesson.summary),
        note(f"{facts} · {minutes_words(lesson.minutes)}"),
        paragraph(asked),
    )


def _learn_choice(telling: Telling, brought: CircleLessonEntry) -> Choice:
    """Return „Hier lernen", a link where the bot cannot write first."""
    key, network = weekly_key(brought.id), telling.to.network
    features = telling.services.features.get(network)
    address = None
    if features is not None and not features.can_write_first:
        address = telling.services.direct_link(network, f"{START_WORD}-{key.partition(':')[2]}")
    return Choice(key, _("Learn it in our chat"), "🎓", address)


async def _tell_end(telling: Telling) -> Words | None:
    """Say that all lessons of the path have come, if the group may still find it."""
    circle = telling.group.circle if telling.group is not None else None
    taken = await CirclePathService(telling.unit.session).find(circle.id) if circle is not None else None
    if taken is None or taken.state is not CirclePathState.DONE or taken.id != telling.key("circle_path"):
        return None
    if not await _may_find(telling, taken.path_id):
        return None
    told = _("All lessons of the learning path “{title}” have come into this circle.").format(title=taken.title)
    record = _("Members who have taken them all get a record of it: /certificates")
    return rich(paragraph(told), note(record)), ()


TELLERS: Mapping[str, Teller] = {POSTED: _tell_lesson, ENDED: _tell_end}
COMMANDS = (
    Command(
        NAMES,
        lambda: _("A learning path for this circle, one lesson a week"),
        Handler(show_circle_path),
        where=frozenset({ChatKind.GROUP}),
        offered=lambda glance: glance.chat.circle is not None,
    ),
)
CHOICES = (ChoiceHandler(NAME, Handler(choose)),)
