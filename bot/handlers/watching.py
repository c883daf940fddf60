"""„Bescheid geben": hearing later what had no answer yet."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from bot.core.answer_text import echo, phone_sized, rich_answer
from bot.core.messages import Choice, Outgoing, Place
from bot.core.replies import not_for_groups
from bot.core.text import RichText, note, paragraph, rich
from bot.core.turn import ChoiceHandler, Command, Handler, Said, Services, Turn
from bot.handlers.answers import chosen_exchange, exchange_key, helped_choices, too_old
from knowledge.access.visibility import Viewer
from knowledge.chats.schemas import ChatEntry, IdentityEntry
from knowledge.chats.service import ChatService
from knowledge.circles.audience import viewer_for
from knowledge.conversations.schemas import Anchor, ExchangeEntry
from knowledge.conversations.service import ConversationService, private_word
from knowledge.jobs.worker import JobKind
from knowledge.kit.clock import HOME
from knowledge.kit.errors import InvalidInput
from knowledge.kit.ids import new_id
from knowledge.kit.language import _, choose_language, current_language, date_text
from knowledge.kit.logs import get_logger
from knowledge.kit.unit_of_work import UnitOfWork, unit_of_work
from knowledge.library.answers.schemas import PreparedAnswer
from knowledge.models.chat import ChatKind, Network
from knowledge.models.job import Job
from knowledge.notices.repository import NoticeRepository
from knowledge.questions.telling import was_told
from knowledge.watches.schemas import WatchEntry
from knowledge.watches.service import WatchService, check_indexed, find_news

LONGEST_ECHO = 120
# Keeps messages in the transaction, as if a handler had said them.
Post = Callable[[UnitOfWork, Sequence[Said]], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class News:
    """An answer for somebody who waits for it, and where they are told."""

    watch: WatchEntry
    identity: IdentityEntry
    prepared: PreparedAnswer
    # Where the question was asked, if it still is there; the direct chat, where one exists.
    asked_in: ChatEntry | None
    direct: ChatEntry | None


async def _watch(turn: Turn) -> None:
    if turn.incoming.sender.anonymous:
        turn.say(not_for_groups())
        return
    if turn.glance.network is Network.WEB and not turn.identity.verified:
        turn.say(
            rich(_("In the browser I cannot tell you anything later. Please sign in, or ask me on Matrix or Telegram."))
        )
        return
    exchange = await chosen_exchange(turn)
    try:
        watch = await _remember(turn, exchange.question_id) if exchange and exchange.question_id else None
    except InvalidInput as error:
        _answer_person(turn, rich(error.message))
        return
    if watch is None:
        turn.say(too_old())
        return
    text = _("Noted. I look out for it until {date} and tell you once something fitting is published.")
    undo = Choice(f"unwatch:{watch.id.hex}", _("No longer needed"), "🔕")
    _answer_person(turn, rich(text.format(date=_day(watch))), undo)


async def _remember(turn: Turn, question: UUID) -> WatchEntry | None:
    days = turn.services.settings.chats.chat_watch_days
    watches = WatchService(turn.unit.session)
    return await watches.remember(question, turn.identity.id, chat_id=turn.chat.id, days=days)


def _answer_person(turn: Turn, text: RichText, *choices: Choice) -> None:
    """Tell the person alone what is theirs alone, wherever the network lets the bot."""
    if turn.glance.is_direct or not turn.glance.features.can_write_first:
        turn.say(text, choices=choices)
    else:
        turn.say_privately(text, choices=choices)


def _day(watch: WatchEntry) -> str:
    return date_text(watch.expires_at.astimezone(HOME).date())


async def _watch_undone(turn: Turn) -> None:
    exchange = await chosen_exchange(turn)
    if exchange is not None and exchange.question_id is not None:
        await WatchService(turn.unit.session).forget_question(exchange.question_id, turn.identity.id)


async def _unwatch(turn: Turn) -> None:
    """Take one off the list: below its confirmation, or below the list."""
    key, watches = exchange_key(turn.glance), WatchService(turn.unit.session)
    if key is None or not await watches.forget(key, turn.identity.id):
        return
    text = rich(_("Taken off your list."))
    if turn.incoming.about and turn.glance.features.buttons:
        left = await watches.listed(turn.identity.id) if turn.glance.is_direct else []
        text += _listed(left) if left else RichText(())
        turn.change((turn.incoming.about,), text, choices=_list_choices(left))
    else:
        turn.say(text)


async def _list(turn: Turn) -> None:
    watches = await WatchService(turn.unit.session).listed(turn.identity.id)
    if not watches:
        turn.say(rich(_("Your list is empty. Where I find no answer, “Tell me later” puts the question on it.")))
        return
    turn.say(_listed(watches), choices=_list_choices(watches))


def _listed(watches: Sequence[WatchEntry]) -> RichText:
    lines = [
        _("{number}. {question} (until {date})").format(number=number, question=_echo(watch.question), date=_day(watch))
        for number, watch in enumerate(watches, start=1)
    ]
    return rich(_("I look out for these questions:"), "\n".join(lines))


# Reactions stand for choices where there are no buttons, and there are no more digits than that.
DIGITS = ("1️⃣", "2️⃣", "3️⃣", "4️⃣", "5️⃣", "6️⃣", "7️⃣", "8️⃣", "9️⃣")


def _list_choices(watches: Sequence[WatchEntry]) -> tuple[Choice, ...]:
    return tuple(
        Choice(f"unwatch:{watch.id.hex}", _("Take off {number}").format(number=number), digit)
        for number, (digit, watch) in enumerate(zip(DIGITS, watches, strict=False), start=1)
    )


def _echo(question: str) -> str:
    return echo(question, LONGEST_ECHO)


# Telling


def watch_job(services: Services, post: Post) -> JobKind:
    """Return how the job ``knowledge.watches.jobs.WATCH_JOB`` is done.

    Args:
        services: what handlers work with.
        post: keeps what is to be said in the transaction, and sees that it is sent after the commit.
    """

    async def look(_jobs: Sequence[Job]) -> None:
        await check_indexed(services.answers)
        async with unit_of_work(services.database, writes=False) as unit:
            keys = await WatchService(unit.session).open_keys()
        for key in keys:
            await _look_for(services, post, key)

    return JobKind(look)


async def _look_for(services: Services, post: Post, key: UUID) -> None:
    """Look for news for one person, and tell them in one transaction with the note that they were told."""
    news = await _find(services, key)
    if news is None:
        return
    before = current_language()
    choose_language(news.identity.language or news.watch.language)
    try:
        async with unit_of_work(services.database) as unit:
            cited = [citation.document for citation in news.prepared.reply.citations]
            told = await WatchService(unit.session).told(key)
            if told and not await was_told(unit.session, news.identity.member_id, cited):
                await post(unit, [await _told(services, unit, news)])
                get_logger().info("watch_told", watch=str(key))
    finally:
        choose_language(before)


async def _find(services: Services, key: UUID) -> News | None:
    """Return what there is to tell, where the person is reached; what may not be told there waits where they asked."""
    async with unit_of_work(services.database, writes=False) as unit:
        watch = await WatchService(unit.session).open_watch(key)
        ways = await _ways_to(unit, watch) if watch else ()
    for identity in ways:
        news = await _find_for(services, key, identity)
        if news is not None:
            return news
    return None


async def _ways_to(unit: UnitOfWork, watch: WatchEntry) -> Sequence[IdentityEntry]:
    """Return by whom somebody is told: in the browser nobody hears of anything, so a member's chat comes before it."""
    person = await ChatService(unit.session).person(watch.identity_id)
    if person is None or person.network is not Network.WEB or person.member_id is None:
        return (person,) if person else ()
    way = await NoticeRepository(unit.session).way_to(person.member_id)
    other = await ChatService(unit.session).person(way) if way is not None and way != person.id else None
    return (other, person) if other is not None and other.network is not Network.MAIL else (person,)


async def _find_for(services: Services, key: UUID, identity: IdentityEntry) -> News | None:
    async with unit_of_work(services.database, writes=False) as unit:
        watch = await WatchService(unit.session).open_watch(key)
        chats = ChatService(unit.session)
        if watch is None:
            return None
        asked_in = await chats.chat(watch.chat_id) if watch.chat_id else None
        address = await chats.direct_chat(identity.id)
        direct = await chats.look_up_chat(identity.network, address, ChatKind.DIRECT) if address else None
    viewer = _viewer(services, identity, direct, asked_in)
    prepared = await find_news(services.answers, watch, viewer) if viewer else None
    return News(watch, identity, phone_sized(prepared), asked_in, direct) if prepared else None


def _viewer(
    services: Services, identity: IdentityEntry, direct: ChatEntry | None, asked_in: ChatEntry | None
) -> Viewer | None:
    """Return what may be told: what the person may find, and in a group, only what the group may see as well."""
    visibility = services.settings.telegram.telegram_visibility
    place = direct or ChatEntry(new_id(), identity.network, "", ChatKind.DIRECT)
    own = viewer_for(place, identity, telegram_visibility=visibility)
    if direct is not None or _can_write_first(services, identity.network):
        return own
    if asked_in is None or own.access is None:
        return None
    group = viewer_for(asked_in, identity, telegram_visibility=visibility)
    return replace(own, access=own.access & (group.access or frozenset()))


def _can_write_first(services: Services, network: Network) -> bool:
    """Whether the bot can begin a direct chat; a network may be another process's, which then sends what is posted."""
    features = services.features.get(network)
    return features.can_write_first if features else network is not Network.TELEGRAM


async def _told(services: Services, unit: UnitOfWork, news: News) -> Said:
    """Return what is said: the answer in the direct chat, or a link to it in the group."""
    conversations = ConversationService(unit.session)
    anchor = news.direct or news.asked_in
    exchange = None
    if anchor is not None:
        exchange = await conversations.keep(
            news.prepared,
            Anchor(anchor.id, None, f"watch:{news.watch.id.hex}"),
            asker_id=news.identity.id,
            days=services.settings.chats.chat_thread_days,
        )
    intro = paragraph(
        _("There is something new about your question “{question}”:").format(question=_echo(news.watch.question))
    )
    place = Place(news.identity.network, "", ChatKind.DIRECT)
    if news.asked_in is None or news.direct is not None or _can_write_first(services, news.identity.network):
        choices = helped_choices(exchange) if exchange else ()
        text = rich(intro) + rich_answer(news.prepared.reply)
        message = Outgoing(place, text, choices, automatic=True)
        return Said(message, exchange.id if exchange else None, news.identity.id)
    return _link_in_group(services, news, news.asked_in, exchange)


def _link_in_group(services: Services, news: News, asked_in: ChatEntry, exchange: ExchangeEntry | None) -> Said:
    word = private_word(exchange) if exchange else None
    address = services.direct_link(news.identity.network, word) if word else None
    text = rich(
        _("There is something new about a question from here: “{question}”").format(question=_echo(news.watch.question))
    )
    if address is None:
        text += rich(note(_("Please ask again to read it.")))
    choices = (Choice("private:on", _("Read it in our chat"), "🔒", address),) if address else ()
    place = Place(asked_in.network, asked_in.address, asked_in.kind)
    return Said(Outgoing(place, text, choices))


def _about_list() -> str:
    return _("Questions that you want to hear about, and taking them off")


COMMANDS = (
    Command(("merkliste", "watches"), _about_list, Handler(_list), where=frozenset({ChatKind.DIRECT}), personal=True),
)
CHOICES = (
    ChoiceHandler("watch", Handler(_watch), Handler(_watch_undone)),
    ChoiceHandler("unwatch", Handler(_unwatch)),
)
