"""Entering a training by chat: the essentials one after the other, a last look, and a draft or a publication.

``data`` of the draft holds: ``title``; ``outcomes``; ``dates`` (start and end in UTC, as text); ``written`` and
``folds`` (dates as they were written, and which one is meant of times that come twice); ``online``; ``place``;
``link``; ``region``; ``capacity``; ``deadline``; ``visibility``; ``changing`` (one answer is given anew).
"""

from collections.abc import Awaitable, Callable
from datetime import date, datetime, time, timedelta
from typing import Any

from bot.core.commands import says_something
from bot.core.dialogue import Dialogue, Draft, Prompt, Step
from bot.core.messages import Choice
from bot.core.text import Block, bold, item, note, paragraph, rich
from bot.core.turn import Turn
from bot.handlers.experience_draft import BACK, back_choice, help_blocks, note_hit, note_miss
from bot.handlers.filling import filled
from bot.handlers.open_question_draft import STOP, stop_choice
from bot.handlers.training_moments import moment_text, span_text
from bot.handlers.training_text import publisher_of
from bot.handlers.training_times import WrittenDates, read_dates, read_day
from bot.handlers.wording import command
from knowledge.access.rights import NotAllowed
from knowledge.kit.clock import HOME, now, today
from knowledge.kit.errors import AllmendeError
from knowledge.kit.language import _, ngettext
from knowledge.models.document import Visibility
from knowledge.organisations.service import OrganisationService
from knowledge.trainings.checking import check_ahead, check_deadline_ahead, check_ready, checked_draft, checked_link
from knowledge.trainings.errors import TimeTwice, TrainingInvalid
from knowledge.trainings.schemas import DateDraft, Publisher, TrainingDraft, TrainingEntry
from knowledge.trainings.service import TrainingService
from knowledge.trainings.times import local_moment

Take = Callable[[Turn, Draft, str], Awaitable[str | None]]
NAMES = ("schulung", "training")
SKIP, ONLINE, TO_START, FIRST, SECOND = ":skip", ":online", ":start", ":first", ":second"
NETWORK, PUBLIC, PUBLISH, KEEP, CHANGE = ":network", ":public", ":publish", ":draft", ":change"
_FIELD = ":f-"
MOST_SHOWN = 6
# How people say that there is no limit to places; longer numbers are slips.
NO_LIMIT = frozenset({"alle", "all", "unbegrenzt", "unlimited", "beliebig", "egal"})
LONGEST_NUMBER = 7


async def publisher(turn: Turn) -> Publisher:
    """Return as whom somebody publishes. Raises ``NotAllowed``."""
    found = await publisher_of(turn.unit, turn.identity)
    if found is None:
        raise NotAllowed
    return found


def _said(draft: Draft, name: str) -> str:
    return str(draft.data.get(name) or "")


def _following(draft: Draft, step: str) -> str:
    """Return the next step; where one answer is given anew, it is the last look."""
    note_hit(draft)
    return "preview" if draft.data.pop("changing", False) else step


def _stops(take: Take) -> Take:
    """Return how a step takes an answer that may also be the way out."""

    async def taken(turn: Turn, draft: Draft, answer: str) -> str | None:
        if answer != STOP:
            return await take(turn, draft, answer)
        turn.say(rich(_("Cancelled. Nothing was kept.")))
        return None

    return taken


def _prompt(turn: Turn, draft: Draft, question: str, *hints: str) -> list[Block]:
    return help_blocks(turn, draft) or [paragraph(bold(question)), *(note(hint) for hint in hints if hint)]


def _skip() -> Choice:
    return Choice(SKIP, _("Skip"), "⏭️")


# What it is


async def _ask_title(turn: Turn, draft: Draft) -> Prompt:
    return Prompt(rich(*_prompt(turn, draft, _("What is the training called?"))), (stop_choice(),))


async def _take_title(_turn: Turn, draft: Draft, answer: str) -> str | None:
    if not says_something(answer):
        note_miss(draft, _("I see no word in that."))
        return "title"
    draft.data["title"] = checked_draft(TrainingDraft(title=answer)).title
    return _following(draft, "outcomes")


async def _ask_outcomes(turn: Turn, draft: Draft) -> Prompt:
    hint = _("One or two sentences, and for whom it is. It stands on the certificate, too.")
    blocks = _prompt(turn, draft, _("What can people do after it?"), hint)
    return Prompt(rich(*blocks), (_skip(), stop_choice()))


async def _take_outcomes(_turn: Turn, draft: Draft, answer: str) -> str | None:
    text = "" if answer == SKIP else answer
    draft.data["outcomes"] = checked_draft(TrainingDraft(title=_said(draft, "title"), outcomes=text)).outcomes
    return _following(draft, "dates")


# When


async def _ask_dates(turn: Turn, draft: Draft) -> Prompt:
    example = _("Like this: 12.3.2027 9–12 Uhr. Several dates one below the other; or: …, wöchentlich, 4 Termine.")
    return Prompt(rich(*_prompt(turn, draft, _("When does it take place?"), example)), (stop_choice(),))


async def _take_dates(_turn: Turn, draft: Draft, answer: str) -> str | None:
    draft.data["written"], draft.data["folds"] = answer, []
    return _settle_dates(draft)


def _settle_dates(draft: Draft) -> str:
    """Keep the dates; where a time comes twice, it is asked first which one is meant."""
    written = read_dates(_said(draft, "written"), today())
    try:
        dates = moments(written, draft.data["folds"])
    except TimeTwice as error:
        draft.data["twice"] = error.message
        return "fold"
    checked = checked_draft(TrainingDraft(title=_said(draft, "title"), dates=dates)).dates
    for one in checked:
        check_ahead(one, now())
    draft.data["dates"] = [[one.starts_at.isoformat(), one.ends_at.isoformat()] for one in checked]
    return _following(draft, "place")


def moments(written: WrittenDates, folds: list[int]) -> tuple[DateDraft, ...]:
    """Return written dates as moments.

    Args:
        written: dates with times on the clock.
        folds: for each time that comes twice, in order, which one is meant.

    Raises ``TimeMissing``; ``TimeTwice`` where ``folds`` says too little.
    """
    left = iter(folds)

    def moment(day: date, clock: time) -> datetime:
        try:
            return local_moment(day, clock)
        except TimeTwice:
            fold = next(left, None)
            if fold is None:
                raise
            return local_moment(day, clock, fold=fold)

    weeks = [timedelta(weeks=number) for number in range(written.weeks)]
    days = [(one.day + week, one) for one in written.dates for week in weeks]
    return tuple(DateDraft(moment(day, one.starts), moment(day, one.ends)) for day, one in days)


async def _ask_fold(_turn: Turn, draft: Draft) -> Prompt:
    choices = (
        Choice(FIRST, _("The first (summer time)"), "1️⃣"),
        Choice(SECOND, _("The second (winter time)"), "2️⃣"),
        stop_choice(),
    )
    return Prompt(rich(paragraph(bold(_said(draft, "twice")))), choices)


async def _take_fold(_turn: Turn, draft: Draft, answer: str) -> str | None:
    if answer in (FIRST, SECOND):
        draft.data["folds"] = [*draft.data["folds"], int(answer == SECOND)]
        return _settle_dates(draft)
    return "fold"


# Where


async def _ask_place(turn: Turn, draft: Draft) -> Prompt:
    hint = _("House, street, room. Only those who are registered read it.")
    blocks = _prompt(turn, draft, _("Where does it take place?"), hint)
    return Prompt(rich(*blocks), (Choice(ONLINE, _("Online"), "💻"), stop_choice()))


async def _take_place(_turn: Turn, draft: Draft, answer: str) -> str | None:
    if answer == ONLINE:
        draft.data |= {"online": True, "place": "", "region": ""}
        return "link"
    if not says_something(answer):
        note_miss(draft, _("I see no word in that."))
        return "place"
    place = checked_draft(TrainingDraft(title=_said(draft, "title"), place=answer)).place
    draft.data |= {"online": False, "place": place, "link": None}
    note_hit(draft)
    return "region"


async def _ask_link(turn: Turn, draft: Draft) -> Prompt:
    hint = _("Only those who are registered see it. It can also be entered later, in the hub.")
    blocks = _prompt(turn, draft, _("With which link do people take part?"), hint)
    return Prompt(rich(*blocks), (_skip(), stop_choice()))


async def _take_link(_turn: Turn, draft: Draft, answer: str) -> str | None:
    draft.data["link"] = None if answer == SKIP else checked_link(answer)
    return _following(draft, "capacity")


async def _ask_region(turn: Turn, draft: Draft) -> Prompt:
    blocks = _prompt(turn, draft, _("Which town or region may everybody read?"))
    return Prompt(rich(*blocks), (_skip(), stop_choice()))


async def _take_region(_turn: Turn, draft: Draft, answer: str) -> str | None:
    text = "" if answer == SKIP else answer
    draft.data["region"] = checked_draft(TrainingDraft(title=_said(draft, "title"), region=text)).region
    return _following(draft, "capacity")


# How many, until when, for whom


async def _ask_capacity(turn: Turn, draft: Draft) -> Prompt:
    # Nothing to choose below: the number that is written would be taken for that of a choice.
    hint = _("A number, like 20; “all” for as many as want to. When all are taken, a waiting list moves up by itself.")
    return Prompt(rich(*_prompt(turn, draft, _("How many places are there?"), hint)))


async def _take_capacity(_turn: Turn, draft: Draft, answer: str) -> str | None:
    word = answer.split(maxsplit=1)[0].casefold() if answer.split() else ""
    if word not in NO_LIMIT and not (word.isascii() and word.isdecimal() and len(word) <= LONGEST_NUMBER):
        note_miss(draft, _("Please write a number, like 20."))
        return "capacity"
    capacity = None if word in NO_LIMIT else int(word)
    draft.data["capacity"] = checked_draft(TrainingDraft(title=_said(draft, "title"), capacity=capacity)).capacity
    return _following(draft, "deadline")


async def _ask_deadline(turn: Turn, draft: Draft) -> Prompt:
    blocks = _prompt(turn, draft, _("Until when can people register?"), _("The last day, like 5.3.2027."))
    return Prompt(rich(*blocks), (Choice(TO_START, _("Until it begins"), "⏳"), stop_choice()))


async def _take_deadline(_turn: Turn, draft: Draft, answer: str) -> str | None:
    if answer == TO_START:
        draft.data["deadline"] = None
        return _following(draft, "audience")
    deadline = local_moment(read_day(answer, today()), time(23, 59))
    wanted = TrainingDraft(title=_said(draft, "title"), deadline=deadline)
    check_deadline_ahead(wanted, now())
    first = datetime.fromisoformat(draft.data["dates"][0][0])
    if deadline > first:
        # The day of the training itself is fine: until it begins.
        if deadline.astimezone(HOME).date() != first.astimezone(HOME).date():
            raise TrainingInvalid(_("The deadline for registering must not be after the training begins."))
        deadline = first
    draft.data["deadline"] = deadline.isoformat()
    return _following(draft, "audience")


async def _ask_audience(turn: Turn, draft: Draft) -> Prompt:
    blocks = _prompt(turn, draft, _("Who may find it?"), _("On Telegram, only what everybody may find is shown."))
    choices = (Choice(NETWORK, _("Members of the network"), "🏛️"), Choice(PUBLIC, _("Everybody"), "🌍"), stop_choice())
    return Prompt(rich(*blocks), choices)


async def _take_audience(_turn: Turn, draft: Draft, answer: str) -> str | None:
    if answer not in (NETWORK, PUBLIC):
        note_miss(draft, _("I do not know what to do with this here. Please choose below."))
        return "audience"
    chosen = Visibility.PUBLIC if answer == PUBLIC else Visibility.NETWORK
    draft.data["visibility"] = chosen.value
    return _following(draft, "preview")


# A last look


async def entered(turn: Turn, draft: Draft, by: Publisher) -> TrainingDraft:
    """Return what was entered; a training on site lies in the Land of the house that offers it."""
    data: dict[str, Any] = draft.data
    house = (
        await OrganisationService(turn.unit.session).repository.get(by.organisation_id) if by.organisation_id else None
    )
    on_site = house if not data.get("online") else None
    return TrainingDraft(
        title=_said(draft, "title"),
        outcomes=_said(draft, "outcomes"),
        online=bool(data.get("online")),
        place=_said(draft, "place"),
        link=data.get("link"),
        region=_said(draft, "region"),
        state_key=on_site.state_key if on_site else None,
        district_key=on_site.district_key if on_site else None,
        capacity=data.get("capacity"),
        deadline=datetime.fromisoformat(data["deadline"]) if data.get("deadline") else None,
        visibility=Visibility(data.get("visibility", Visibility.NETWORK.value)),
        dates=tuple(
            DateDraft(datetime.fromisoformat(starts), datetime.fromisoformat(ends))
            for starts, ends in data.get("dates", ())
        ),
    )


def _lines(wanted: TrainingDraft) -> list[tuple[str, str]]:
    """Return what was entered, with the label of each part."""
    dates = [span_text(one.starts_at, one.ends_at) for one in wanted.dates[:MOST_SHOWN]]
    left = len(wanted.dates) - MOST_SHOWN
    if left > 0:
        dates.append(ngettext("and {count} more date", "and {count} more dates", left).format(count=left))
    place = wanted.link or _("online, the link comes later") if wanted.online else wanted.place
    deadline = moment_text(wanted.deadline) if wanted.deadline else _("until it begins")
    capacity = str(wanted.capacity) if wanted.capacity is not None else _("as many as want to")
    audience = _("everybody") if wanted.visibility is Visibility.PUBLIC else _("members of the network")
    return [
        (_("Afterwards you can:"), wanted.outcomes or _("nothing said")),
        (_("When:"), "\n".join(dates)),
        (_("Where:"), ", ".join(part for part in (place, wanted.region) if part)),
        (_("Places:"), capacity),
        (_("Register until:"), deadline),
        (_("May be found by:"), audience),
    ]


async def _ask_preview(turn: Turn, draft: Draft) -> Prompt:
    wanted = await entered(turn, draft, await publisher(turn))
    blocks = [*help_blocks(turn, draft), paragraph(bold(wanted.title))]
    blocks += [item(bold(label), " ", text) for label, text in _lines(wanted)]
    blocks.append(note(_("Topics, costs, trainers, accessibility and questions can be entered in the hub.")))
    choices = (
        Choice(PUBLISH, _("Publish it"), "✅"),
        Choice(KEEP, _("Keep as a draft"), "📝"),
        Choice(CHANGE, _("Change something"), "✏️"),
        stop_choice(),
    )
    return Prompt(rich(*blocks), choices)


async def _take_preview(turn: Turn, draft: Draft, answer: str) -> str | None:
    if answer == CHANGE:
        note_hit(draft)
        return "change"
    if answer not in (PUBLISH, KEEP):
        note_miss(draft, _("I do not know what to do with this here. Please choose below."))
        return "preview"
    by = await publisher(turn)
    wanted = await entered(turn, draft, by)
    try:
        if answer == PUBLISH:  # first what may be refused, so that nothing is left behind
            check_ready(checked_draft(wanted), now())
        made = await TrainingService(turn.unit).create(wanted, by)
    except AllmendeError as error:
        note_miss(draft, error.message)
        return "preview"
    if answer == PUBLISH:
        made = await TrainingService(turn.unit).publish(made.id, by)
    _say_kept(turn, made, is_published=answer == PUBLISH)
    return None


def _say_kept(turn: Turn, made: TrainingEntry, *, is_published: bool) -> None:
    published = _("Published. Whoever may find it can register now: {title}")
    kept = _("Kept as a draft that only you and your house see: {title}")
    head = (published if is_published else kept).format(title=made.title)
    sentence = _("{command} lists your trainings, with how many are registered.")
    blocks = [paragraph(bold(head)), note(*filled(sentence, command=command(turn.glance, *NAMES)))]
    turn.say(rich(*blocks), choices=(Choice(f"tpub:s{made.id.hex}", _("Show it"), "👀"),))


# One answer anew


def _fields() -> dict[str, str]:
    return {
        "title": _("Title"),
        "outcomes": _("What you can do afterwards"),
        "dates": _("Dates"),
        "place": _("Place"),
        "capacity": _("Places"),
        "deadline": _("Register until"),
        "audience": _("Visibility"),
    }


async def _ask_change(turn: Turn, draft: Draft) -> Prompt:
    blocks = _prompt(turn, draft, _("What shall be different?"))
    digits = ("1️⃣", "2️⃣", "3️⃣", "4️⃣", "5️⃣", "6️⃣", "7️⃣")
    choices = [
        Choice(f"{_FIELD}{name}", word, digit) for (name, word), digit in zip(_fields().items(), digits, strict=True)
    ]
    return Prompt(rich(*blocks), (*choices, back_choice()))


async def _take_change(_turn: Turn, draft: Draft, answer: str) -> str | None:
    if answer == BACK:
        return _following(draft, "preview")
    name = answer.removeprefix(_FIELD)
    if not answer.startswith(_FIELD) or name not in _fields():
        note_miss(draft, _("I do not know what to do with this here. Please choose below."))
        return "change"
    note_hit(draft)
    draft.data["changing"] = True
    return name


ENTERING = Dialogue(
    "training_entering",
    "title",
    {
        "title": Step(_ask_title, _stops(_take_title)),
        "outcomes": Step(_ask_outcomes, _stops(_take_outcomes)),
        "dates": Step(_ask_dates, _stops(_take_dates)),
        "fold": Step(_ask_fold, _stops(_take_fold)),
        "place": Step(_ask_place, _stops(_take_place)),
        "link": Step(_ask_link, _stops(_take_link)),
        "region": Step(_ask_region, _stops(_take_region)),
        "capacity": Step(_ask_capacity, _stops(_take_capacity)),
        "deadline": Step(_ask_deadline, _stops(_take_deadline)),
        "audience": Step(_ask_audience, _stops(_take_audience)),
        "preview": Step(_ask_preview, _stops(_take_preview)),
        "change": Step(_ask_change, _stops(_take_change)),
    },
)
DIALOGUES = (ENTERING,)
