"""Digests: what is new, in one message a week, for a circle or for one person; and when it comes."""

import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from uuid import UUID

from bot.core.messages import Choice, Outgoing, Place
from bot.core.replies import marked_for, not_for_groups
from bot.core.text import Block, note, paragraph, rich
from bot.core.turn import ChoiceHandler, Command, Glance, Handler, Said, Services, Turn
from bot.handlers.digest_text import digest_choices, digest_text
from bot.handlers.filling import filled
from bot.handlers.open_question_answer import choose_answer
from bot.handlers.wording import command, whom_to_ask
from knowledge.access.visibility import Viewer
from knowledge.chats.schemas import ChatEntry, IdentityEntry
from knowledge.chats.service import ChatService
from knowledge.circles.audience import viewer_for
from knowledge.circles.service import CircleService
from knowledge.digests.schedule import DigestTimeInvalid, day_name, read_day
from knowledge.digests.schemas import DigestContent
from knowledge.digests.service import DigestService
from knowledge.jobs.worker import JobKind
from knowledge.kit.ids import new_id
from knowledge.kit.language import _, choose_language, current_language
from knowledge.kit.logs import get_logger
from knowledge.kit.unit_of_work import UnitOfWork, unit_of_work
from knowledge.mailing.kinds import DIGEST, MailWish
from knowledge.models.chat import ChatKind, Network
from knowledge.models.digest import Digest
from knowledge.models.job import Job
from knowledge.notices.repository import NoticeRepository
from knowledge.peers.profile import ProfileService
from knowledge.topics.tree import TopicTree, load_tree

Post = Callable[[UnitOfWork, Sequence[Said]], Awaitable[None]]
# Jobs that are done one after the other for one look at the table.
BATCH = 50
# When a digest comes unless somebody says otherwise: on Monday at eight.
DAY, HOUR = 0, 8
OFF = frozenset({"aus", "off", "nie", "never", "nein", "no"})
_HOUR = re.compile(r"(\d{1,2})(?::00)?\s*(?:uhr|h|o'clock)?")


def digest_job(services: Services, post: Post) -> JobKind:
    """Return how the job ``knowledge.digests.jobs.DIGEST_JOB`` is done.

    Args:
        services: what handlers work with.
        post: keeps what is to be said in the transaction, and sees that it is sent after the commit.
    """

    async def send_all(jobs: Sequence[Job]) -> None:
        async with unit_of_work(services.database, writes=False) as unit:
            tree = await load_tree(unit.session)
        for job in jobs:
            await _Sending(services, post, tree).send(UUID(job.key))

    return JobKind(send_all, batch=BATCH)


@dataclass(frozen=True, slots=True)
class _Sending:
    """What is needed to send digests."""

    services: Services
    post: Post
    tree: TopicTree

    async def send(self, key: UUID) -> None:
        """Send one in the transaction in which it is marked as sent; with nothing to tell it is only marked."""
        before = current_language()
        try:
            async with unit_of_work(self.services.database) as unit:
                service = DigestService(unit.session, self.tree)
                digest = await service.claim(key)
                if digest is None:
                    return
                wanted = self._to_circle if digest.circle_id is not None else self._to_member
                said = await wanted(service, unit, digest)
                if said is None:
                    await service.mark_empty(digest)
                else:
                    await self.post(unit, [said])
                get_logger().info("digest_sent" if said else "digest_empty", digest=str(key))
        finally:
            choose_language(before)

    async def _to_circle(self, service: DigestService, unit: UnitOfWork, digest: Digest) -> Said | None:
        found = await service.circle(digest)
        if found is None:
            return None
        circle, chat = found
        group = await ChatService(unit.session).look_up_chat(chat.network, chat.address, ChatKind.GROUP)
        nobody = IdentityEntry(new_id(), chat.network, "", is_new=True)
        content = await service.for_circle(digest, circle, _viewer(self.services, group, nobody))
        if not content:
            return None
        choose_language(circle.language or self.services.settings.language.language or "de")
        title = _("News for the circle “{name}”").format(name=circle.name)
        return Said(_message(self.services, Place(chat.network, chat.address, ChatKind.GROUP), content, title))

    async def _to_member(self, service: DigestService, unit: UnitOfWork, digest: Digest) -> Said | None:
        member = await service.member(digest)
        way = await NoticeRepository(unit.session).way_to(member.id, MailWish.DIGESTS.value) if member else None
        person = await ChatService(unit.session).person(way) if way else None
        if member is None or person is None:
            return None
        alone = ChatEntry(new_id(), person.network, "", ChatKind.DIRECT)
        content = await service.for_member(digest, member, _viewer(self.services, alone, person))
        if not content:
            return None
        choose_language(person.language or self.services.settings.language.language or "de")
        place = Place(person.network, "", ChatKind.DIRECT)
        return Said(_message(self.services, place, content, _("News for you")), to=person.id)


def _viewer(services: Services, chat: ChatEntry, person: IdentityEntry) -> Viewer:
    return viewer_for(chat, person, telegram_visibility=services.settings.telegram.telegram_visibility)


def _message(services: Services, place: Place, content: DigestContent, title: str) -> Outgoing:
    hub = services.settings.hub
    text = digest_text(content, title, hub=hub.address if hub.hub_url is not None else None)
    features = services.features.get(place.network)
    if place.network is not Network.MAIL:  # mail has its own way out
        text += rich(note(_("/digest sets when this comes, or that it does not.")))
    marks = features.command_marks if features else ()
    return Outgoing(place, marked_for(text, marks), digest_choices(content.questions), about=DIGEST)


# --- /rundbrief


async def set_digest(turn: Turn) -> None:
    """Show or set when a digest comes: in a group the circle's, in a direct chat one's own."""
    if not turn.glance.argument:
        await _show(turn)
        return
    try:
        day, hour = read_time(turn.glance.argument)
    except DigestTimeInvalid as error:
        turn.say(rich(paragraph(error.message), _example(turn.glance)))
        return
    await _set(turn, day, hour)


async def choose_time(turn: Turn) -> None:
    """Set it to what was chosen below the message that shows it."""
    if turn.incoming.sender.anonymous:
        turn.say(not_for_groups())
        return
    chosen = turn.glance.choice
    await _set(turn, int(chosen) if chosen.isdecimal() else None, HOUR)


def read_time(text: str) -> tuple[int | None, int]:
    """Return the day of the week (0 is Monday; ``None``: never) and the hour that somebody wrote.

    Raises DigestTimeInvalid.
    """
    first, _space, rest = text.strip().casefold().partition(" ")
    if first in OFF:
        return None, HOUR
    day = read_day(first)
    found = _HOUR.fullmatch(re.sub(r"^(um|at)\s+", "", rest.strip())) if rest.strip() else None
    if day is None or (rest.strip() and found is None):
        raise DigestTimeInvalid
    hour = int(found[1]) if found else HOUR
    if hour > 23:
        raise DigestTimeInvalid
    return day, hour


async def _set(turn: Turn, day: int | None, hour: int) -> None:
    if turn.glance.is_direct:
        if await _is_member(turn) and turn.identity.member_id is not None:
            await ProfileService(turn.unit).set_digest(turn.identity.member_id, day, hour)
            turn.say(rich(_when(day, hour, _("Your digest"))))
        return
    if await _may_set_circle(turn) and turn.chat.circle is not None:
        await CircleService(turn.unit.session).set_digest(turn.chat.circle.id, day, hour)
        turn.say(rich(_when(day, hour, _("The circle's digest"))))


async def _show(turn: Turn) -> None:
    glance = turn.glance
    if glance.is_direct:
        if not await _is_member(turn) or turn.identity.member_id is None:
            return
        profile = await ProfileService(turn.unit).get(turn.identity.member_id)
        told = _("It tells once a week what is new on the topics of your profile, and nothing when there is nothing.")
        said = rich(_when(profile.digest_day, profile.digest_hour, _("Your digest")), note(told), _example(glance))
        turn.say(said, choices=_times(profile.digest_day))
        return
    circle = await CircleService(turn.unit.session).by_id(turn.chat.circle.id) if turn.chat.circle else None
    if circle is None:
        turn.say(rich(_("This group is not linked to a circle yet, so there is nothing to set.")))
        return
    said = rich(_when(circle.digest_day, circle.digest_hour, _("The circle's digest")))
    if turn.identity.moderates:
        turn.say(said + rich(_example(glance)), choices=_times(circle.digest_day))
    else:
        turn.say(said)


def _when(day: int | None, hour: int, whose: str) -> str:
    if day is None:
        return _("{digest} does not come.").format(digest=whose)
    return _("{digest} comes each {day} at {hour} o’clock.").format(digest=whose, day=day_name(day), hour=hour)


def _times(day: int | None) -> tuple[Choice, ...]:
    offered = {0: "1️⃣", 2: "3️⃣", 4: "5️⃣"}
    choices = [Choice(f"digest:{key}", day_name(key), emoji) for key, emoji in offered.items() if key != day]
    return (*choices, *([Choice("digest:off", _("Not any more"), "🔕")] if day is not None else []))


def _example(glance: Glance) -> Block:
    wanted = command(glance, "rundbrief", "digest", _("Thursday 14"))
    off = command(glance, "rundbrief", "digest", _("off"))
    return note(*filled(_("At another time: {time}; never: {off}"), time=wanted, off=off))


async def _is_member(turn: Turn) -> bool:
    if turn.identity.verified:
        return True
    turn.say(
        rich(
            paragraph(
                *filled(
                    _("This is for members of the network. {command} makes you one."),
                    command=command(turn.glance, "beitreten", "join"),
                )
            )
        )
    )
    return False


async def _may_set_circle(turn: Turn) -> bool:
    if not turn.identity.moderates:
        turn.say(rich(_("Only moderators decide this."), note(whom_to_ask(turn.glance))))
        return False
    if turn.chat.circle is None:
        turn.say(rich(_("This group is not linked to a circle yet, so there is nothing to set.")))
        return False
    return True


COMMANDS = (
    Command(
        ("rundbrief", "digest"),
        lambda: _("When the digest comes, with what is new"),
        Handler(set_digest),
        offered=lambda glance: glance.identity.verified,
        personal=True,
    ),
)
CHOICES = (
    ChoiceHandler("digest", Handler(choose_time)),
    ChoiceHandler("digestq", Handler(choose_answer)),
)
