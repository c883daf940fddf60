"""Messages on their way to Telegram: split, sent, changed, taken away."""

from collections import OrderedDict
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from telegram import InlineKeyboardMarkup, InputFile, LinkPreviewOptions, ReplyParameters
from telegram.constants import ChatAction
from telegram.error import TelegramError

from bot.core.adapter import SendRefused
from bot.core.messages import Attachment, Outgoing
from bot.core.pictures import described_text
from bot.core.splitting import split_text, utf16_length
from bot.telegram.api import ApiBot, ApiRefusal
from bot.telegram.errors import send_error
from bot.telegram.numbers import chat_number, event_chat, event_name, message_number, thread_number
from bot.telegram.pace import Pace
from bot.telegram.writing import LONGEST_CAPTION, LONGEST_TEXT, Written, keyboard, readable, write
from knowledge.kit.language import _
from knowledge.kit.logs import get_logger

# Messages whose sending stopped halfway and is waited for.
_REMEMBERED = 1000
# What stands in the place of a message that is too old to be deleted.
_TAKEN_AWAY = "[…]"
_GENERAL_TOPIC = 1
# A sign of work that comes later than this is none.
_TYPING_PATIENCE = 4.0
# What a photo may have at most: bytes, pixels of both sides together, and how much longer one side is than the other.
_LARGEST_PHOTO, _LONGEST_SIDES, _NARROWEST = 10 * 2**20, 10_000, 20
_NO_PREVIEW = LinkPreviewOptions(is_disabled=True)
_Result = TypeVar("_Result")
Moved = Callable[[int, int], Awaitable[None]]


@dataclass(slots=True)
class _Target:
    """Where a message goes."""

    chat: int
    thread: int | None
    reply: ReplyParameters | None


@dataclass(slots=True)
class Sender:
    """Sends for one bot.

    A message of several parts that was stopped halfway goes on behind the last part sent when it is tried again with
    the same key. ``moved`` is told when a group turns out to have a new number.
    """

    bot: ApiBot
    pace: Pace
    moved: Moved
    _halfway: "OrderedDict[str, list[str]]" = field(default_factory=OrderedDict)
    _new_numbers: dict[int, int] = field(default_factory=dict)

    async def send(self, message: Outgoing, key: str) -> Sequence[str]:
        """Do what a message asks for; see ``Adapter.send``."""
        chat = chat_number(message.place)
        if chat is None:
            raise SendRefused(_("Telegram does not take this message."), detail="no chat", gone=True)
        if message.leaves:
            await self._leave(chat)
            return ()
        for event in message.deletes:
            await self._take_away(event)
        done = self._halfway.setdefault(key, [])
        try:
            await self._say(message, chat, done)
        except SendRefused:
            self._halfway.pop(key, None)
            raise
        while len(self._halfway) > _REMEMBERED:
            self._halfway.popitem(last=False)
        return self._halfway.pop(key, done)

    async def show_typing(self, chat: int, thread: int | None, *, is_forum: bool) -> None:
        """Show that the bot is writing; in a forum the general topic has to be named here, and only here."""
        topic = _GENERAL_TOPIC if thread is None and is_forum else thread
        await self.bot.send_chat_action(
            self._number(chat),
            ChatAction.TYPING,
            message_thread_id=topic,
            connect_timeout=_TYPING_PATIENCE,
            read_timeout=_TYPING_PATIENCE,
        )

    async def _say(self, message: Outgoing, chat: int, done: list[str]) -> None:
        """Send the parts that are not done yet; buttons stand below the last thing sent."""
        parts = _parts(message)
        caption = _caption(message, parts)
        bodies = parts[:-1] if caption is not None else parts
        for index in range(len(done), len(bodies)):
            is_last = index == len(bodies) - 1 and message.attachment is None
            buttons = keyboard(message.choices) if is_last else None
            if index < len(message.edits):
                await self._change(message.edits[index], bodies[index], buttons=buttons)
                done.append(message.edits[index])
            else:
                target = self._target(message, chat, is_first=not done)
                done.append(await self._new(target, bodies[index], buttons=buttons))
        if message.attachment is not None and len(done) == len(bodies):
            target = self._target(message, chat, is_first=not done)
            file = message.attachment
            done.append(await self._file(target, file, caption=caption, buttons=keyboard(message.choices)))
        await self._tidy(message, count=len(parts))

    async def _tidy(self, message: Outgoing, *, count: int) -> None:
        """Take away what a shorter text no longer needs; without any text only the buttons are changed."""
        if count:
            for event in message.edits[count:]:
                await self._take_away(event)
        elif message.edits:
            await self._change_buttons(message)

    def _target(self, message: Outgoing, chat: int, *, is_first: bool) -> _Target:
        chat = self._number(chat)
        thread = thread_number(message.place)
        number = message_number(message.reply_to, chat) if message.reply_to and is_first else None
        reply = None if number is None else ReplyParameters(number, allow_sending_without_reply=True)
        return _Target(chat, None if thread == _GENERAL_TOPIC else thread, reply)

    def _number(self, chat: int) -> int:
        return self._new_numbers.get(chat, chat)

    async def _new(self, target: _Target, part: Written, *, buttons: InlineKeyboardMarkup | None) -> str:
        async def call(chat: int) -> str:
            is_same = chat == target.chat
            sent = await self.bot.send_message(
                chat,
                part.text,
                entities=part.entities,
                message_thread_id=target.thread,
                reply_parameters=target.reply if is_same else None,
                reply_markup=buttons,
                link_preview_options=_NO_PREVIEW,
            )
            return event_name(sent.chat.id, sent.message_id)

        return await self._paced(target.chat, call)

    async def _file(
        self, target: _Target, file: Attachment, *, caption: Written | None, buttons: InlineKeyboardMarkup | None
    ) -> str:
        send = self.bot.send_photo if _is_photo(file) else self.bot.send_document

        async def call(chat: int) -> str:
            sent = await send(
                chat,
                InputFile(file.content, filename=file.name),
                caption=caption.text if caption else None,
                caption_entities=caption.entities if caption else None,
                message_thread_id=target.thread,
                reply_parameters=target.reply if chat == target.chat else None,
                reply_markup=buttons,
            )
            return event_name(sent.chat.id, sent.message_id)

        return await self._paced(target.chat, call)

    async def _change(self, event: str, part: Written, *, buttons: InlineKeyboardMarkup | None) -> None:
        async def call(chat: int) -> None:
            await self.bot.edit_message_text(
                part.text,
                chat_id=chat,
                message_id=_own_number(event, chat),
                entities=part.entities,
                reply_markup=buttons,
                link_preview_options=_NO_PREVIEW,
            )

        await self._changing(event, call)

    async def _change_buttons(self, message: Outgoing) -> None:
        event = message.edits[-1]

        async def call(chat: int) -> None:
            await self.bot.edit_message_reply_markup(
                chat_id=chat, message_id=_own_number(event, chat), reply_markup=keyboard(message.choices)
            )

        await self._changing(event, call)

    async def _changing(self, event: str, call: Callable[[int], Awaitable[None]]) -> None:
        try:
            await self._paced(_own_chat(event), call)
        except _NotNeeded:
            return

    async def _take_away(self, event: str) -> None:
        """Delete a message; what is too old for that loses its words instead, and what is gone already is gone."""
        chat = _own_chat(event)
        try:
            await self.bot.delete_message(chat, _own_number(event, chat))
        except ApiRefusal as error:
            if error.says("message can't be deleted"):
                await self._empty(event)
            elif error.status not in (400, 403):
                raise self._held(chat, error) from error
        except TelegramError as error:
            raise send_error(error) from error

    async def _empty(self, event: str) -> None:
        try:
            await self._change(event, Written(_TAKEN_AWAY, ()), buttons=None)
        except SendRefused as error:
            get_logger().warning("telegram_delete_refused", detail=error.detail)

    async def _leave(self, chat: int) -> None:
        try:
            await self.bot.leave_chat(self._number(chat))
        except TelegramError as error:
            problem = send_error(error)
            if not isinstance(problem, SendRefused):
                raise problem from error

    async def _paced(self, chat: int, call: Callable[[int], Awaitable[_Result]]) -> _Result:
        """Make a call when its turn has come, and once more where the group has moved."""
        await self.pace.wait(chat)
        try:
            return await call(chat)
        except ApiRefusal as error:
            if error.migrated_to is None:
                raise self._held(chat, error) from error
            new = error.migrated_to
        except TelegramError as error:
            raise send_error(error) from error
        self._new_numbers[chat] = new
        await self.moved(chat, new)
        try:
            return await call(new)
        except TelegramError as error:
            raise send_error(error) from error

    def _held(self, chat: int, error: ApiRefusal) -> Exception:
        if error.says("message is not modified"):
            return _NotNeeded()
        if error.retry_after is not None:
            self.pace.hold(chat, error.retry_after)
        return send_error(error)


class _NotNeeded(Exception):
    """The message says already what it is to say."""


def _parts(message: Outgoing) -> list[Written]:
    """Return the messages that a text makes."""
    text = described_text(message)
    return [] if text is None else [write(part) for part in split_text(readable(text), LONGEST_TEXT)]


def _caption(message: Outgoing, parts: list[Written]) -> Written | None:
    """Return the text where it is short enough to stand below the file."""
    is_short = len(parts) == 1 and utf16_length(parts[0].text) <= LONGEST_CAPTION
    return parts[0] if message.attachment is not None and is_short else None


def _is_photo(file: Attachment) -> bool:
    """Whether Telegram takes a file as a photo; what is too large or too narrow for that goes as a file."""
    if not file.is_picture or len(file.content) > _LARGEST_PHOTO:
        return False
    if not file.width or not file.height:
        return True
    shorter, longer = sorted((file.width, file.height))
    return shorter + longer <= _LONGEST_SIDES and longer <= shorter * _NARROWEST


def _own_chat(event: str) -> int:
    chat = event_chat(event)
    if chat is None:
        raise SendRefused(_("Telegram does not take this message."), detail="no message of Telegram")
    return chat


def _own_number(event: str, chat: int) -> int:
    number = message_number(event, chat)
    if number is None:
        raise SendRefused(_("Telegram does not take this message."), detail="a message of another chat")
    return number
