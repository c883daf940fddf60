"""``/schulungen``: what is coming, as somebody asks for it in words; one training with what can be done; own ones."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from bot.core.messages import Attachment, Choice
from bot.core.replies import not_for_groups
from bot.core.text import Block, RichText, bold, link, note, paragraph, rich
from bot.core.turn import ChoiceHandler, Command, Handler, Turn
from bot.handlers.filling import filled
from bot.handlers.hub_link import hub_address
from bot.handlers.open_question_draft import split_key
from bot.handlers.training_asking import begin_asking
from bot.handlers.training_registration import DEEDS, may_take_part
from bot.handlers.training_text import (
    ALL,
    ASK,
    CALENDAR,
    LONGEST_LABEL,
    NOTHING,
    ONE,
    OWN,
    SHOW,
    hides_spot,
    member_of,
    reader_of,
    summary_line,
    title_line,
    training_blocks,
    training_choices,
)
from bot.handlers.training_wanted import described, pack_wanted, unpack_wanted
from bot.handlers.training_wishes import Own, Wanted, read_wanted
from bot.handlers.watching import DIGITS
from bot.handlers.wording import command, shows_public_only
from knowledge.kit.clock import today
from knowledge.kit.language import _, ngettext
from knowledge.models.chat import Network
from knowledge.organisations.service import OrganisationService
from knowledge.topics.tree import TopicTree, load_tree
from knowledge.trainings.calendar import MEDIA_TYPE, event_calendar
from knowledge.trainings.errors import UnknownTraining
from knowledge.trainings.feeds import FeedService
from knowledge.trainings.registering import RegistrationService
from knowledge.trainings.schemas import TrainingEntry, TrainingWishes
from knowledge.trainings.service import TrainingService

NAMES = ("schulungen", "trainings")
MINE = frozenset({"meine", "eigene", "mine", "my", "own"})
# On a phone's screen; and how many are read to find words in them.
PAGE, MOST_READ, MOST_OWN = 4, 100, 8


@dataclass(frozen=True, slots=True)
class Listing:
    """A part of what was looked for: which trainings, where the list goes on, and where it began."""

    wanted: Wanted
    entries: Sequence[TrainingEntry]
    offset: int
    has_more: bool


# The list


async def show_trainings(turn: Turn) -> None:
    """List what is coming; with words, what they ask for; with „meine", one's own."""
    argument = turn.glance.argument
    if argument.casefold().strip() in MINE:
        await show_own(turn)
        return
    tree = await load_tree(turn.unit.session)
    own = await _home(turn)
    register = OrganisationService(turn.unit.session)
    wanted = await read_wanted(argument, tree, own, today=today(), register=register)
    await _list(turn, wanted, tree, 0)


async def show_more(turn: Turn) -> None:
    """Go on in a list, or back."""
    tree = await load_tree(turn.unit.session)
    read = unpack_wanted(turn.glance.choice, tree)
    if read is None:
        raise UnknownTraining
    wanted, offset = read
    await _list(turn, wanted, tree, offset)


async def _home(turn: Turn) -> Own:
    """Return where the event's person is at home, as far as it is known."""
    identity = turn.identity
    key = identity.organisation_id
    house = await OrganisationService(turn.unit.session).repository.get(key) if key else None
    if house is None:
        return Own(identity.state_key)
    return Own(house.state_key or identity.state_key, house.district_key)


async def _list(turn: Turn, wanted: Wanted, tree: TopicTree, offset: int) -> None:
    wanted = await _named(turn, wanted)
    listing = await _look(turn, wanted, tree, offset)
    if not listing.entries:
        turn.say(rich(*_nothing_found(turn, wanted, tree)))
        return
    blocks = [paragraph(bold(_heading(wanted, tree))), *_lines(listing.entries)]
    turn.say(rich(*blocks, *_list_notes(turn, listing)), choices=_list_choices(listing))


async def _named(turn: Turn, wanted: Wanted) -> Wanted:
    """Return it with the name of the district, which a choice's key has no room for."""
    if wanted.district_key is None or wanted.district_name is not None:
        return wanted
    found = await OrganisationService(turn.unit.session).repository.by_key(wanted.district_key)
    return replace(wanted, district_name=found.name) if found is not None else wanted


async def _look(turn: Turn, wanted: Wanted, tree: TopicTree, offset: int) -> Listing:
    wishes = TrainingWishes(
        state_key=wanted.state_key,
        district_key=wanted.district_key,
        online=wanted.online,
        since=wanted.starts,
        until=wanted.ends,
    )
    most = MOST_READ if wanted.reads_texts else offset + PAGE + 1
    found = await TrainingService(turn.unit).coming(reader_of(turn), wishes, limit=min(most, MOST_READ))
    if wanted.reads_texts:
        found = [one for one in found if wanted.fits(_all_words(one), [topic.id for topic in one.topics], tree)]
    return Listing(wanted, found[offset : offset + PAGE], offset, len(found) > offset + PAGE)


def _all_words(entry: TrainingEntry) -> str:
    texts = (entry.title, entry.summary, entry.outcomes, entry.audience, entry.region, entry.organisation_name or "")
    return " ".join(texts)


def _lines(entries: Sequence[TrainingEntry]) -> list[Block]:
    return [
        paragraph(f"{number}. ", bold(title_line(entry)), f"\n{summary_line(entry)}")
        for number, entry in enumerate(entries, start=1)
    ]


def _list_choices(listing: Listing) -> tuple[Choice, ...]:
    choices = _training_labels(listing.entries)
    back, more = listing.offset - PAGE, listing.offset + PAGE
    if listing.offset:
        choices.append(Choice(f"trains:{pack_wanted(listing.wanted, max(0, back))}", _("Back"), "⬅️"))
    if listing.has_more and not listing.wanted.words:
        choices.append(Choice(f"trains:{pack_wanted(listing.wanted, more)}", _("More trainings"), "➡️"))
    return tuple(choices)


def _training_labels(entries: Sequence[TrainingEntry]) -> list[Choice]:
    return [
        Choice(f"train:{SHOW}{entry.id.hex}", f"{number}. {title_line(entry)[:LONGEST_LABEL]}", DIGITS[number - 1])
        for number, entry in enumerate(entries, start=1)
    ]


def _list_notes(turn: Turn, listing: Listing) -> list[Block]:
    blocks = [note(_("Choose a training to read more and to register."))]
    if listing.wanted.here_unknown:
        blocks.append(_unknown_home(turn))
    if listing.has_more and listing.wanted.words:
        blocks.append(note(_("There are more; the hub shows all.")))
    return [*blocks, *_abroad(turn)]


def _abroad(turn: Turn) -> list[Block]:
    """Say that a foreign house shows less than there is."""
    if not shows_public_only(turn.glance):
        return []
    address = hub_address(turn)
    said = _("Here I show only trainings that are public.")
    if address is None:
        return [note(said)]
    return [note(said, " ", link(_("All trainings stand in the hub."), f"{address}{ALL}"))]


def _unknown_home(turn: Turn) -> Block:
    sentence = _("I do not know where “here” is for you; {profile} tells me. So I show all.")
    return note(*filled(sentence, profile=command(turn.glance, "profil", "profile")))


def _heading(wanted: Wanted, tree: TopicTree) -> str:
    said = described(wanted, tree)
    return _("Trainings: {what}").format(what=said) if said else _("Trainings that are coming")


def _nothing_found(turn: Turn, wanted: Wanted, tree: TopicTree) -> list[Block]:
    what = described(wanted, tree)
    if not what:
        said = paragraph(_("No training is announced at the moment."))
    else:
        said = paragraph(_("I know of no coming training for: {what}.").format(what=what))
    blocks = [said]
    if wanted.here_unknown:
        blocks.append(_unknown_home(turn))
    if what:
        every = command(turn.glance, *NAMES)
        blocks.append(note(*filled(_("{command} shows all that are coming."), command=every)))
    return [*blocks, *_abroad(turn)]


# One's own


async def show_own(turn: Turn) -> None:
    """List the trainings that somebody registered for."""
    if not turn.glance.is_direct:
        turn.say(not_for_groups() if turn.incoming.sender.anonymous else _alone(turn))
        return
    if not await may_take_part(turn):
        return
    entries, hidden = await _own_entries(turn)
    if not entries and not hidden:
        sentence = _("You are registered for no coming training. {command} shows what is coming.")
        turn.say(rich(paragraph(*filled(sentence, command=command(turn.glance, *NAMES)))))
        return
    blocks = [paragraph(bold(_("Your trainings"))), *_lines(entries[:MOST_OWN])]
    turn.say(rich(*blocks, *_own_notes(turn, entries, hidden)), choices=tuple(_training_labels(entries[:MOST_OWN])))


def _alone(turn: Turn) -> RichText:
    sentence = _("Your own trainings are nobody else’s business. Please write to me alone: {command}")
    return rich(paragraph(*filled(sentence, command=command(turn.glance, *NAMES, argument=_("mine")))))


async def _own_entries(turn: Turn) -> tuple[list[TrainingEntry], int]:
    """Return the trainings that somebody is registered for, and how many more may not be shown here."""
    service, member = RegistrationService(turn.unit), member_of(turn).member_id
    every = [entry for entry in await service.of_member(member) if not entry.is_over]
    shown = {entry.id for entry in await service.of_member(member, viewer=turn.glance.viewer)}
    if turn.glance.network is not Network.TELEGRAM:
        return every, 0
    return [entry for entry in every if entry.id in shown], len([entry for entry in every if entry.id not in shown])


def _own_notes(turn: Turn, entries: Sequence[TrainingEntry], hidden: int) -> list[Block]:
    blocks = [note(_("Choose a training to see everything about it, or to cancel."))] if entries else []
    if len(entries) > MOST_OWN:
        blocks.append(note(_("There are more; the hub shows all.")))
    if hidden:
        said = ngettext(
            "{count} more may not be shown here; it stands in the hub.",
            "{count} more may not be shown here; they stand in the hub.",
            hidden,
        ).format(count=hidden)
        address = hub_address(turn)
        blocks.append(note(link(said, f"{address}{OWN}")) if address else note(said))
    return blocks


# One of them


async def choose_training(turn: Turn) -> None:
    """Do what was chosen below a training."""
    mark, key = split_key(turn.glance.choice)
    if mark == NOTHING:
        turn.say(rich(_("Everything stays as it is.")))
        return
    deed = _DEEDS.get(mark)
    if key is None or deed is None:
        raise UnknownTraining
    await deed(turn, key)


async def show_training(turn: Turn, key: UUID) -> None:
    """Show one training with what can be done with it."""
    entry = await TrainingService(turn.unit).get(key, reader_of(turn))
    address = hub_address(turn)
    blocks = training_blocks(entry, turn.glance.network)
    if address is not None:
        blocks.append(note(link(_("See it in the hub"), f"{address}{ONE.format(key=key)}")))
    turn.say(rich(*blocks), choices=training_choices(entry))


async def send_calendar(turn: Turn, key: UUID) -> None:
    """Send the calendar file; place and link are in it for registered people, never where others read along."""
    reader = reader_of(turn)
    training = await TrainingService(turn.unit).get(key, reader)
    entry = await FeedService(turn.unit).training(key, reader.viewer, reader.member_id)
    with_place = training.shows_place and not hides_spot(turn.glance.network, training)
    content = event_calendar(entry, registered=with_place, hub=hub_address(turn))
    told = _("Open the file, and your calendar takes the dates.")
    more = "" if training.shows_place else " " + _("The place is in it once you register.")
    name = _("training.ics")
    turn.say(rich(told + more), attachment=Attachment(name, MEDIA_TYPE, content))


Deed = Callable[[Turn, UUID], Awaitable[None]]
_DEEDS: Mapping[str, Deed] = {SHOW: show_training, CALENDAR: send_calendar, ASK: begin_asking, **DEEDS}
COMMANDS = (
    Command(NAMES, lambda: _("Trainings: what is coming, register, your own"), Handler(show_trainings), informs=True),
)
CHOICES = (
    ChoiceHandler("train", Handler(choose_training)),
    ChoiceHandler("trains", Handler(show_more)),
)
