"""Which handler an event is for. Reading only: nothing is stored by looking at an event."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from bot.core.choosing import offered_key, typed_key
from bot.core.commands import parse_command, parse_number, says_something
from bot.core.dialogues import answer_handler, cancel, leaving, parse_dialogue_key, read_answer
from bot.core.messages import EventKind, Incoming
from bot.core.registry import Registry
from bot.core.replies import (
    elsewhere,
    files_not_taken,
    not_for_groups,
    nothing_said,
    saying,
    stale_choice,
    unknown_command,
    unreadable,
)
from bot.core.turn import Command, Glance, Handler, Services
from knowledge.access.visibility import Viewer
from knowledge.chats.dialogues import DialogueBook, DialogueState
from knowledge.chats.outbox import Outbox
from knowledge.chats.schemas import ChatEntry, IdentityEntry
from knowledge.chats.service import ChatService
from knowledge.kit.language import choose_language
from knowledge.kit.unit_of_work import UnitOfWork

CANCEL = ("abbrechen", "cancel")
# Never refused, however much somebody writes.
ALWAYS = frozenset({*CANCEL, "hilfe", "help", "loeschen", "löschen", "delete"})
# What a chat that was told to pause still listens to.
THROUGH_PAUSE = frozenset({"weiter", "resume", "hilfe", "help"})
# The bot does not answer these, so they count against no limit.
UNCOUNTED = frozenset({EventKind.BOT_ADDED, EventKind.BOT_REMOVED, EventKind.MOVED, EventKind.JOINED})

ViewerFor = Callable[[ChatEntry, IdentityEntry], Viewer]


@dataclass(frozen=True, slots=True)
class Route:
    """What is to be done for an event; no handler: nothing.

    ``counts``: against the limits of fair use. ``passes``: it is not worth doing long after it was sent.
    """

    glance: Glance
    handler: Handler | None = None
    counts: bool = False
    passes: bool = False


class Router:
    """Finds the handler of an event.

    Args:
        registry: what handlers there are.
        services: goes into every glance.
        viewer_for: decides what may be shown in a chat to a person.
    """

    def __init__(self, registry: Registry, services: Services, viewer_for: ViewerFor) -> None:
        self._registry = registry
        self._services = services
        self._viewer_for = viewer_for

    async def route(self, incoming: Incoming, unit: UnitOfWork) -> Route:
        """Look at an event; the language of the person is spoken from here on in this task."""
        glance = await self._look(incoming, unit)
        kind = incoming.kind
        if kind is EventKind.MESSAGE:
            return await self._message(glance, unit)
        if kind in (EventKind.CHOICE, EventKind.CHOICE_UNDONE):
            return await self._choice(glance, unit)
        handler = self._by_kind(kind)
        if glance.chat.paused and kind not in UNCOUNTED and kind is not EventKind.REDACTION:
            handler = None
        counts = kind in (EventKind.EDIT, EventKind.UNREADABLE)
        return Route(glance, handler, counts=counts, passes=counts)

    def _by_kind(self, kind: EventKind) -> Handler | None:
        registry = self._registry
        handlers = {
            EventKind.EDIT: registry.edited,
            EventKind.REDACTION: registry.redacted,
            EventKind.JOINED: registry.joined,
            EventKind.BOT_ADDED: registry.added,
            EventKind.BOT_REMOVED: registry.removed,
            EventKind.MOVED: registry.moved,
            EventKind.UNREADABLE: registry.unreadable or saying(unreadable()),
        }
        return handlers.get(kind)

    async def overheard(self, incoming: Incoming, unit: UnitOfWork) -> Route:
        """Look at a group's message that is not for the bot."""
        glance = await self._look(incoming, unit)
        handler = None if glance.chat.paused else self._registry.overheard
        return Route(glance, handler, passes=True)

    async def _look(self, incoming: Incoming, unit: UnitOfWork) -> Glance:
        chats = ChatService(unit.session)
        place = incoming.place
        identity = await chats.look_up_person(place.network, speaker(incoming))
        chat = await chats.look_up_chat(place.network, place.chat, place.kind)
        choose_language(self._language(incoming, identity, chat))
        return Glance(self._services, incoming, identity, chat, self._viewer_for(chat, identity))

    def _language(self, incoming: Incoming, identity: IdentityEntry, chat: ChatEntry) -> str:
        circle = chat.circle.language if chat.circle else None
        client = (incoming.language or "")[:2].lower() or None
        # All of a group read what is said there, so the group's own language comes before the person's.
        return circle or identity.language or client or self._services.settings.language.language or "de"

    async def _message(self, glance: Glance, unit: UnitOfWork) -> Route:
        incoming, state = glance.incoming, None
        if not glance.identity.is_new and not glance.chat.is_new:
            state = await DialogueBook(unit.session, glance.identity.id, glance.chat.id).active()
        # Whatever is written below a document: it is the document that somebody wants to hand over.
        brings = glance.is_direct and any(file.is_document for file in incoming.files)
        command = parse_command(incoming.text)
        if command is not None and not brings:
            return self._command(replace(glance, argument=command[1]), command[0], state)
        if glance.chat.paused:
            return Route(glance)
        if brings or (incoming.files and not says_something(incoming.text)):
            handler = self._registry.files or saying(files_not_taken())
            return Route(glance, handler, counts=True, passes=True)
        return await self._pointed(glance, state, unit) or self._words(glance, state)

    async def _pointed(self, glance: Glance, state: DialogueState | None, unit: UnitOfWork) -> Route | None:
        """Take a number that chooses something, and a reply in words to what may be answered so."""
        incoming = glance.incoming
        # In a dialogue a number answers its question, unless it is a reply to something else.
        if state is None or incoming.reply_to is not None:
            key = await typed_key(glance, Outbox(unit.session))
            if key is not None:
                return self._chosen(glance, key, state)
        if incoming.reply_to is None or not says_something(incoming.text):
            return None
        return await self._replied(glance, incoming.reply_to, unit)

    async def _replied(self, glance: Glance, event: str, unit: UnitOfWork) -> Route | None:
        """Take a reply to a message below which something could be chosen that may be answered in words, too."""
        sent = await Outbox(unit.session).sent(glance.network, event)
        for key, _emoji in sent.choices if sent else ():
            name, _separator, rest = key.partition(":")
            choice = self._registry.choice(name)
            if choice is not None and choice.replied is not None:
                glance = replace(glance, choice=rest, argument=glance.incoming.text.strip())
                return Route(glance, choice.replied, counts=True)
        return None

    def _words(self, glance: Glance, state: DialogueState | None) -> Route:
        """Take words as the answer in a dialogue, or else as a question."""
        dialogue = self._registry.dialogue(state.name) if state else None
        text = glance.incoming.text
        if state is not None and dialogue is not None and state.step in dialogue.steps:
            return Route(glance, answer_handler(dialogue, state, read_answer(state, text)))
        # A number that chooses nothing is a slip, not a question.
        if not says_something(text) or parse_number(text) is not None:
            return Route(glance, saying(nothing_said()), counts=True, passes=True)
        return Route(replace(glance, argument=text.strip()), self._registry.question, counts=True, passes=True)

    def _command(self, glance: Glance, name: str, state: DialogueState | None) -> Route:
        if glance.chat.paused and name not in THROUGH_PAUSE:
            return Route(glance)
        if name in CANCEL:
            return Route(glance, Handler(cancel))
        command = self._registry.command(name)
        if command is None:
            return Route(glance, saying(unknown_command(name, self._registry)), counts=True, passes=True)
        handler = _allowed(command, glance)
        if state is not None and handler is command.handler:
            handler = leaving(handler, state)
        passes = command.informs or handler.asks
        return Route(glance, handler, counts=name not in ALWAYS, passes=passes)

    async def _choice(self, glance: Glance, unit: UnitOfWork) -> Route:
        incoming = glance.incoming
        if glance.chat.paused:
            return Route(glance)
        sent = await Outbox(unit.session).sent(glance.network, incoming.about or "")
        key = offered_key(sent, incoming.choice or "")
        if key is None:
            # A reaction that was never offered is nobody's choice; a button that was never there is an old one.
            stale = glance.features.buttons and incoming.kind is EventKind.CHOICE
            return Route(glance, saying(stale_choice()) if stale else None, counts=True, passes=True)
        state = None
        if parse_dialogue_key(key) is not None and not glance.identity.is_new and not glance.chat.is_new:
            state = await DialogueBook(unit.session, glance.identity.id, glance.chat.id).active()
        return self._chosen(glance, key, state)

    def _chosen(self, glance: Glance, key: str, state: DialogueState | None) -> Route:
        undone = glance.incoming.kind is EventKind.CHOICE_UNDONE
        answered = parse_dialogue_key(key)
        if answered is not None:
            return Route(glance) if undone else self._answered(glance, answered, state)
        name, _separator, rest = key.partition(":")
        choice = self._registry.choice(name)
        glance = replace(glance, choice=rest)
        if choice is None:
            return Route(glance, None if undone else saying(stale_choice()), counts=True, passes=True)
        return Route(glance, choice.undone if undone else choice.handler, counts=True)

    def _answered(self, glance: Glance, answered: tuple[int, str], state: DialogueState | None) -> Route:
        """Take a choice as the answer in a dialogue, if it is the person's own and below its last question."""
        number, answer = answered
        dialogue = self._registry.dialogue(state.name) if state else None
        if state is None or dialogue is None or state.asked != number or state.step not in dialogue.steps:
            return Route(glance, saying(stale_choice()), counts=True, passes=True)
        return Route(glance, answer_handler(dialogue, state, answer))


def speaker(incoming: Incoming) -> str:
    """Return the address that stands for whoever speaks; those who speak as the group are one in each group."""
    return f"group:{incoming.place.chat}"[:255] if incoming.sender.anonymous else incoming.sender.address


def _allowed(command: Command, glance: Glance) -> Handler:
    if glance.chat.kind not in command.where:
        return saying(elsewhere(glance.chat.kind))
    if command.personal and glance.incoming.sender.anonymous:
        return saying(not_for_groups())
    return command.handler
