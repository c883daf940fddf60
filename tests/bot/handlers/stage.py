"""A stage without a network: events go through the real routing, and handlers act in real transactions."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import partial
from itertools import count
from typing import Any

from bot.core.adapter import Features
from bot.core.messages import EventKind, Incoming, Outgoing, Person, Place
from bot.core.registry import Registry
from bot.core.routing import Route, Router
from bot.core.text import rich
from bot.core.turn import Services, Turn
from bot.handlers import circles, members, profile
from knowledge.chats.repository import OutboxRepository
from knowledge.chats.schemas import ChatEntry, IdentityEntry
from knowledge.chats.service import ChatService
from knowledge.circles.audience import viewer_for
from knowledge.kit.clock import now
from knowledge.kit.database import Database
from knowledge.kit.errors import AllmendeError
from knowledge.kit.language import choose_language
from knowledge.kit.settings import Settings, load_settings
from knowledge.kit.unit_of_work import unit_of_work
from knowledge.library.answers.service import AnswerService
from knowledge.library.indexes.port import Embedded, IndexHits, IndexQuery
from knowledge.models.chat import ChatKind, Network

MATRIX = Features(buttons=False, can_write_first=True, tells_deletions=True, longest_text=4000, command_marks=("!",))
TELEGRAM = Features(buttons=True, can_write_first=False, tells_deletions=False, longest_text=4096)
FEATURES: Mapping[Network, Features] = {Network.MATRIX: MATRIX, Network.TELEGRAM: TELEGRAM}
ACCOUNTS = {Network.MATRIX: "@bot:ort", Network.TELEGRAM: "allmende_bot"}
SPEAKING = (EventKind.MESSAGE, EventKind.CHOICE)

ANNA, BEN, CORA = (Person(Network.MATRIX, f"@{name}:ort") for name in ("anna", "ben", "cora"))
TELEGRAM_ANNA = Person(Network.TELEGRAM, "1001")
GROUP = Place(Network.MATRIX, "!group", ChatKind.GROUP)
OTHER_GROUP = Place(Network.MATRIX, "!other", ChatKind.GROUP)
TELEGRAM_GROUP = Place(Network.TELEGRAM, "-100", ChatKind.GROUP)

REGISTRY = Registry(
    commands=(*members.COMMANDS, *profile.COMMANDS, *circles.COMMANDS),
    choices=(*members.CHOICES, *profile.CHOICES, *circles.CHOICES),
    dialogues=(*members.DIALOGUES, *profile.DIALOGUES),
    added=circles.ADDED,
    removed=circles.REMOVED,
    moved=circles.MOVED,
    joined=circles.JOINED,
)


def direct(person: Person) -> Place:
    """Return the direct chat with somebody."""
    return Place(person.network, f"direct-{person.address}", ChatKind.DIRECT)


class NoIndexes:
    """An empty library."""

    async def find(self, query: IndexQuery) -> IndexHits:
        """Find nothing."""
        return IndexHits(
            words=[], vectors=[], frequencies={}, total=0, vectors_state="off", index_version="0", model="none"
        )

    async def embed(self, texts: Sequence[str]) -> Embedded | None:
        """Know no model."""
        del texts
        return None

    async def words_waiting(self, keys: Collection[str] | None = None) -> int:
        """Have looked at everything."""
        del keys
        return 0


@dataclass(frozen=True)
class Heard:
    """What the bot said: the text, the keys of the choices, and whether only one person reads it."""

    text: str
    choices: tuple[str, ...]
    labels: tuple[str, ...]
    private: bool
    event: str


@dataclass
class Stage:
    """People write, and what the bot says comes back; everything between is real but the sending."""

    database: Database
    settings: Settings = field(default_factory=load_settings)
    features: Mapping[Network, Features] = field(default_factory=lambda: FEATURES)
    _numbers: Any = field(default_factory=lambda: count(1))
    _events: Any = field(default_factory=lambda: count(1))

    def with_settings(self, topic: str, **values: Any) -> "Stage":
        """Return the same stage with some settings of a topic changed."""
        changed = getattr(self.settings, topic).model_copy(update=values)
        return replace(self, settings=replace(self.settings, **{topic: changed}))

    @property
    def services(self) -> Services:
        """What handlers get to work with."""
        return Services(
            database=self.database,
            settings=self.settings,
            answers=AnswerService(self.database, NoIndexes(), self.settings.answers),
            features=self.features,
            accounts=ACCOUNTS,
            direct_link=lambda network, word: (
                f"https://t.me/allmende_bot?start={word}" if network is Network.TELEGRAM else None
            ),
        )

    async def write(self, person: Person, text: str, place: Place | None = None, **more: Any) -> list[Heard]:
        """Let somebody write something, in their direct chat unless another place is named."""
        return await self.happen(person, place or direct(person), text=text, **more)

    async def choose(self, person: Person, key: str, heard: Heard, place: Place | None = None) -> list[Heard]:
        """Let somebody choose something below a message."""
        assert key in heard.choices
        more = {"kind": EventKind.CHOICE, "choice": key, "about": heard.event}
        return await self.happen(person, place or direct(person), **more)

    async def happen(self, person: Person, place: Place, **more: Any) -> list[Heard]:
        """Let an event come in."""
        choose_language("en")
        known = {"event": f"$event-{next(self._events)}", "kind": EventKind.MESSAGE, "sent_at": now(), "language": "en"}
        incoming = Incoming(place=place, sender=person, **{**known, **more})
        async with unit_of_work(self.database, writes=False) as unit:
            sees = partial(viewer_for, telegram_visibility=self.settings.telegram.telegram_visibility)
            route = await Router(REGISTRY, self.services, sees).route(incoming, unit)
        if route.handler is None:
            return []
        prepared = await route.handler.prepare(route.glance) if route.handler.prepare else None
        try:
            return await self._act(route, prepared)
        except AllmendeError as error:
            return [self._heard(Outgoing(place, rich(error.message)), private=False)]

    async def _act(self, route: Route, prepared: Any) -> list[Heard]:
        assert route.handler is not None
        async with unit_of_work(self.database) as unit:
            chats, glance = ChatService(unit.session), route.glance
            identity, chat = glance.identity, glance.chat
            if glance.incoming.kind in SPEAKING:
                identity = await chats.keep_person(identity)
            if glance.incoming.kind not in (EventKind.BOT_REMOVED, EventKind.MOVED):
                chat = await chats.keep_chat(chat, of=identity.id if glance.incoming.kind in SPEAKING else None)
            turn = Turn(replace(glance, identity=identity, chat=chat), unit, prepared)
            await route.handler.act(turn)
            heard = [self._heard(said.message, private=said.to is not None) for said in turn.said]
            shown = [(one, said.message) for one, said in zip(heard, turn.said, strict=True) if one.choices]
            await OutboxRepository(unit.session).keep_sent([self._row(one, of, chat) for one, of in shown])
        return heard

    def _heard(self, message: Outgoing, *, private: bool) -> Heard:
        text = message.text.plain if message.text else ""
        keys, labels = (tuple(getattr(choice, name) for choice in message.choices) for name in ("key", "label"))
        return Heard(text, keys, labels, private, f"$sent-{next(self._numbers)}")

    def _row(self, heard: Heard, message: Outgoing, chat: ChatEntry) -> dict[str, Any]:
        return {
            "network": chat.network,
            "event": heard.event,
            "chat_id": chat.id,
            "exchange_id": None,
            "position": 0,
            "choices": [[choice.key, choice.emoji] for choice in message.choices],
            "created_at": now(),
            "expires_at": now() + timedelta(days=1),
        }

    async def person(self, person: Person) -> IdentityEntry:
        """Return what is known of somebody."""
        async with unit_of_work(self.database, writes=False) as unit:
            return await ChatService(unit.session).look_up_person(person.network, person.address)

    async def chat(self, place: Place) -> ChatEntry:
        """Return what is known of a chat."""
        async with unit_of_work(self.database, writes=False) as unit:
            return await ChatService(unit.session).look_up_chat(place.network, place.chat, place.kind)

    async def access(self, person: Person, place: Place | None = None) -> set[str]:
        """Return what may be shown to somebody in a place, with identifiers left out."""
        where = await self.chat(place or direct(person))
        telegram = self.settings.telegram.telegram_visibility
        viewer = viewer_for(where, await self.person(person), telegram_visibility=telegram)
        return {token.partition(":")[0] for token in viewer.access or ()}


def texts(heard: Sequence[Heard]) -> str:
    """Return all that was said, one after the other."""
    return "\n".join(one.text for one in heard)
