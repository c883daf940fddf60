"""Telling people what happened elsewhere: each notice becomes words when it is told, once, in its person's language.

The modules beside this one say in ``TELLERS`` how a kind of notice is told; ``telling.py`` holds what they get.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import cache
from uuid import UUID

from bot.core.messages import Outgoing, Place
from bot.core.replies import marked_for
from bot.core.turn import Said, Services
from bot.handlers.telling import Teller, Telling, Words, as_key
from knowledge.chats.schemas import IdentityEntry
from knowledge.chats.service import ChatService
from knowledge.jobs.worker import JobKind
from knowledge.kit.clock import now
from knowledge.kit.ids import new_id
from knowledge.kit.language import choose_language, current_language
from knowledge.kit.logs import get_logger
from knowledge.kit.unit_of_work import UnitOfWork, unit_of_work
from knowledge.models.chat import ChatKind, Network
from knowledge.models.job import Job
from knowledge.models.notice import Notice
from knowledge.notices.repository import NoticeRepository

__all__ = ["Teller", "Telling", "Words", "all_tellers", "notice_job"]

Post = Callable[[UnitOfWork, Sequence[Said]], Awaitable[None]]
# Jobs that are done one after the other for one look at the table.
BATCH = 20


@cache
def all_tellers() -> Mapping[str, Teller]:
    """Return how each kind of notice is told, from all modules beside this one.

    Raises ``ValueError`` where two tell the same kind.
    """
    # The registry imports all handlers, this one too.
    from bot.handlers.registry import handler_modules

    known: dict[str, Teller] = {}
    for module in handler_modules().values():
        for kind, teller in getattr(module, "TELLERS", {}).items():
            if kind in known:
                raise ValueError(f"told twice: {kind}")
            known[kind] = teller
    return known


def notice_job(services: Services, post: Post) -> JobKind:
    """Return how the job ``knowledge.notices.jobs.NOTICE_JOB`` is done.

    Args:
        services: what handlers work with.
        post: keeps what is to be said in the transaction, and sees that it is sent after the commit.
    """

    async def tell_all(jobs: Sequence[Job]) -> None:
        for job in jobs:
            key = as_key(job.key)
            if key is not None:
                await _tell(services, post, key)

    return JobKind(tell_all, batch=BATCH)


async def _tell(services: Services, post: Post, key: UUID) -> None:
    """Tell one notice in the transaction in which it is marked as told; what nobody can be told is only marked."""
    before = current_language()
    try:
        async with unit_of_work(services.database) as unit:
            notices = NoticeRepository(unit.session)
            notice = await notices.waiting(key)
            if notice is None or not await notices.mark_told(key, now()):
                return
            said = await _said(services, unit, notice)
            if said is not None:
                await post(unit, [said])
            get_logger().info("notice_told" if said else "notice_dropped", notice=str(key), kind=notice.kind)
    finally:
        choose_language(before)


async def _said(services: Services, unit: UnitOfWork, notice: Notice) -> Said | None:
    teller = all_tellers().get(notice.kind)
    if teller is None:
        get_logger().warning("notice_unknown", kind=notice.kind)
        return None
    telling = await _telling(services, unit, notice)
    if telling is None:
        return None
    circle = telling.group.circle if telling.group is not None else None
    language = circle.language if circle is not None else telling.to.language
    choose_language(language or services.settings.language.language or "de")
    words = await teller(telling)
    return None if words is None else _outgoing(telling, words, notice.kind)


def _outgoing(telling: Telling, words: Words, kind: str) -> Said:
    network, group = telling.to.network, telling.group
    features = telling.services.features.get(network)
    text = marked_for(words[0], features.command_marks if features else ())
    if group is not None:
        return Said(Outgoing(Place(network, group.address, ChatKind.GROUP), text, words[1], about=kind))
    return Said(Outgoing(Place(network, "", ChatKind.DIRECT), text, words[1], about=kind), to=telling.to.id)


async def _telling(services: Services, unit: UnitOfWork, notice: Notice) -> Telling | None:
    """Return what the teller needs; ``None`` where there is no way to whom it is for."""
    if notice.circle_id is not None:
        return await _in_group(services, unit, notice)
    person = await _person(unit, notice)
    return Telling(unit, services, notice.data, person) if person is not None else None


async def _in_group(services: Services, unit: UnitOfWork, notice: Notice) -> Telling | None:
    """Return what is told in the group of a circle, if it has one in which the bot may speak."""
    found = await NoticeRepository(unit.session).group_of(notice.circle_id) if notice.circle_id else None
    if found is None:
        return None
    network, address = found
    group = await ChatService(unit.session).look_up_chat(network, address, ChatKind.GROUP)
    if group.paused or group.circle is None:
        return None
    return Telling(unit, services, notice.data, IdentityEntry(new_id(), network, "", is_new=True), group)


async def _person(unit: UnitOfWork, notice: Notice) -> IdentityEntry | None:
    """Return whom a notice is for, where there is a way to them."""
    chats, notices = ChatService(unit.session), NoticeRepository(unit.session)
    member = notice.member_id
    if notice.identity_id is not None:
        person = await chats.person(notice.identity_id)
        member = member or (person.member_id if person else None)
        # What is said in the browser waits until they look; a member may have a chat in which they are reached.
        is_elsewhere = person is not None and person.network is Network.WEB and member is not None
        if person is not None and not is_elsewhere and await _reaches(unit, person, notice.kind):
            return person
    identity = await notices.way_to(member, notice.kind) if member is not None else None
    return await chats.person(identity) if identity is not None else None


async def _reaches(unit: UnitOfWork, person: IdentityEntry, kind: str) -> bool:
    if person.network is Network.MAIL:
        return await NoticeRepository(unit.session).takes_mail(person.id, kind)
    return person.network is Network.MATRIX or await ChatService(unit.session).direct_chat(person.id) is not None
