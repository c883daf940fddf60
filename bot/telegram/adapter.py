"""Telegram as the conversation core's port."""

import asyncio
import re
import secrets
from collections.abc import Callable, Mapping, Sequence

from telegram import BotCommand
from telegram.error import TelegramError

from bot.core.adapter import Features, Take
from bot.core.messages import FileNote, Incoming, Outgoing, Person, Place
from bot.telegram.api import ApiBot, ApiRefusal, open_bot
from bot.telegram.errors import TelegramRefused, send_error
from bot.telegram.files import fetch_file
from bot.telegram.intake import Intake, Position
from bot.telegram.numbers import chat_number, thread_number
from bot.telegram.pace import Pace
from bot.telegram.pauses import Pauses
from bot.telegram.polling import Poller
from bot.telegram.reading import Reader, moved
from bot.telegram.sending import Sender
from bot.telegram.server_clock import ServerClock
from bot.telegram.updates import Desk
from bot.telegram.webhook import Webhook
from bot.telegram.writing import LONGEST_TEXT
from knowledge.kit.clock import now
from knowledge.kit.language import _
from knowledge.kit.logs import get_logger
from knowledge.kit.settings import TelegramSettings
from knowledge.models.chat import Network

_TOKEN = re.compile(r"[0-9]+:[A-Za-z0-9_-]+\Z")
_COMMAND = re.compile(r"[a-z0-9_]{1,32}\Z")
_START_WORD = re.compile(r"[A-Za-z0-9_-]{1,64}\Z")
_LONGEST_ABOUT = 256
_MOST_COMMANDS = 100


def _deaf(_chat: str) -> bool:
    return False


class TelegramAdapter:
    """The bot on Telegram, by long polling, or by a webhook where the settings name one.

    Telegram has no key by which it would recognise a message that is sent twice. A message is never lost; it may be
    doubled when the process is killed between sending it and noting that, or when the connection breaks between
    Telegram's taking it and Telegram's answer. A message of several parts goes on behind the last part that was sent.

    ``overhears`` is set from outside: it says of a group (by its address) whether messages that are not for the bot
    are wanted, too. Nobody hears of them otherwise.
    """

    network = Network.TELEGRAM
    features = Features(buttons=True, can_write_first=False, tells_deletions=False, longest_text=LONGEST_TEXT)

    def __init__(
        self,
        settings: TelegramSettings,
        *,
        pace: Pace | None = None,
        pauses: Pauses | None = None,
        poll_seconds: int = 25,
    ) -> None:
        self.overhears: Callable[[str], bool] = _deaf
        self._settings = settings
        self._pace = pace or Pace()
        self._pauses = pauses or Pauses()
        self._poll_seconds = poll_seconds
        self._intake = Intake()
        self._name = ""
        self._open: tuple[ApiBot, Desk, Sender] | None = None

    @property
    def account(self) -> str:
        """The bot's name, with its at sign."""
        return f"@{self._name}"

    @property
    def hears_all(self) -> bool:
        """Whether privacy mode is off, so that Telegram gives the bot all messages of its groups."""
        return bool(self._bot.bot.can_read_all_group_messages)

    async def start(self, cursor: str | None) -> None:
        """Sign in, however long the network is away; see ``Adapter.start``.

        Raises ``TelegramRefused`` where there is no token, or it is refused.
        """
        # With another account's cursor it is started a second time.
        await self.close()
        token = self._settings.telegram_token
        words = token.get_secret_value().strip() if token is not None else ""
        if not _TOKEN.match(words):
            raise TelegramRefused(_no_token())
        clock = ServerClock()
        bot = open_bot(words, self._settings.telegram_api_url, clock)
        try:
            await self._sign_in(bot)
        except BaseException:
            await bot.shutdown()
            raise
        self._name = bot.bot.username or ""
        self._intake.position = Position.read(cursor)
        reader = Reader(bot.bot.id, self._name, self._overhears)
        self._open = bot, Desk(bot, reader, self._intake, clock), Sender(bot, self._pace, self._moved)

    async def _sign_in(self, bot: ApiBot) -> None:
        self._pauses.over()
        while True:
            try:
                await bot.initialize()
            except ApiRefusal as error:
                if error.status in (401, 404):
                    raise TelegramRefused(_no_token(), detail=f"status {error.status}") from None
                await self._wait_to_sign_in(error)
            except TelegramError as error:
                await self._wait_to_sign_in(error)
            else:
                self._pauses.over()
                return

    async def _wait_to_sign_in(self, error: TelegramError) -> None:
        if self._pauses.is_first:
            get_logger().warning("telegram_away", error=type(error).__name__)
        await self._pauses.rest()

    async def receive(self, take: Take, stop: asyncio.Event) -> None:
        """Hand events over until ``stop`` is set; see ``Adapter.receive``.

        Raises ``TelegramRefused`` where a webhook is wanted and cannot be had.
        """
        self._intake.take = take
        try:
            address = self._settings.telegram_webhook_url
            if address is not None:
                await self._webhook(address).run(stop)
            else:
                await self._forget_webhook(stop)
                await Poller(self._bot, self._intake, self._desk.handle, self._pauses, self._poll_seconds).run(stop)
        finally:
            self._intake.take = None

    def _webhook(self, address: str) -> Webhook:
        given = self._settings.telegram_webhook_secret
        secret = given.get_secret_value() if given is not None else secrets.token_urlsafe(32)
        port = self._settings.telegram_webhook_port
        return Webhook(self._bot, self._desk.handle, address, port=port, secret=secret, pauses=self._pauses)

    async def _forget_webhook(self, stop: asyncio.Event) -> None:
        """Take back a webhook of an earlier time, beside which Telegram allows no polling."""
        while not stop.is_set():
            try:
                await self._bot.delete_webhook()
            except ApiRefusal as error:
                # Polling says clearly what is wrong, if anything is.
                _log_refusal("deleteWebhook", error)
                return
            except TelegramError as error:
                if self._pauses.is_first:
                    get_logger().warning("telegram_away", error=type(error).__name__)
                await self._pauses.rest(stop)
            else:
                return

    async def send(self, message: Outgoing, key: str) -> Sequence[str]:
        """Send, change or take away; see ``Adapter.send``."""
        return await self._parts[2].send(message, key)

    async def show_working(self, place: Place, *, on: bool) -> None:
        """Show that the bot is writing; it stops by itself after five seconds, or with the next message."""
        chat = chat_number(place)
        if not on or chat is None:
            return
        try:
            is_forum = self._desk.is_forum(chat)
            await self._parts[2].show_typing(chat, thread_number(place), is_forum=is_forum)
        except TelegramError as error:
            get_logger().info("telegram_typing_not_shown", error=type(error).__name__)

    async def direct_chat(self, person: Person) -> str | None:
        """Return the direct chat of somebody who has opened it; the bot cannot. Raises ``SendPostponed``."""
        if person.anonymous or person.is_bot or not person.address.isdecimal():
            return None
        try:
            await self._parts[2].show_typing(int(person.address), None, is_forum=False)
        except ApiRefusal as error:
            if error.status in (400, 403):
                return None
            raise send_error(error) from error
        except TelegramError as error:
            raise send_error(error) from error
        return person.address

    async def fetch_file(self, incoming: Incoming, note: FileNote, *, most: int) -> bytes:  # noqa: ARG002
        """Return the content of a file that somebody sent; see ``FetchesFiles``."""
        return await fetch_file(self._bot, note, most=most)

    def direct_link(self, word: str) -> str | None:
        """Return a link that opens the direct chat and says ``/start <word>``.

        ``None`` for a word that Telegram would not hand on: it has 1 to 64 letters, digits, ``_`` and ``-``.
        """
        if not self._name or not _START_WORD.match(word):
            return None
        return f"https://t.me/{self._name}?start={word}"

    async def offer_commands(self, commands: Mapping[str, Sequence[tuple[str, str]]]) -> None:
        """Have the menus list commands, as name and description by language; the first language is for all others.

        A server that cannot do this is logged, no more: commands work without menus.
        """
        lists = {language: _bot_commands(offered) for language, offered in commands.items()}
        codes: list[str | None] = [*lists, *([None] if lists else [])]
        try:
            for code in codes:
                await self._bot.set_my_commands(lists[code or next(iter(lists))], language_code=code)
        except ApiRefusal as error:
            _log_refusal("setMyCommands", error)
        except TelegramError as error:
            get_logger().warning("telegram_commands_not_offered", error=type(error).__name__)

    async def close(self) -> None:
        """Give back connections."""
        if self._open is not None:
            bot, desk, _sender = self._open
            await desk.finish()
            await bot.shutdown()
            self._open = None

    def _overhears(self, chat: str) -> bool:
        return self.overhears(chat)

    async def _moved(self, old: int, new: int) -> None:
        await self._intake.hand_over([moved(old, new, now())])

    @property
    def _parts(self) -> tuple[ApiBot, Desk, Sender]:
        if self._open is None:
            raise RuntimeError("the adapter was not started")
        return self._open

    @property
    def _bot(self) -> ApiBot:
        return self._parts[0]

    @property
    def _desk(self) -> Desk:
        return self._parts[1]


def _no_token() -> str:
    return _(
        "Telegram does not accept the bot's token. Have @BotFather show it or make a new one, set "
        "ALLMENDE_TELEGRAM_TOKEN, and start again."
    )


def _bot_commands(offered: Sequence[tuple[str, str]]) -> list[BotCommand]:
    usable = [(name, about) for name, about in offered if _COMMAND.match(name) and about]
    return [BotCommand(name, about[:_LONGEST_ABOUT]) for name, about in usable[:_MOST_COMMANDS]]


def _log_refusal(method: str, error: ApiRefusal) -> None:
    event = "telegram_method_missing" if error.status == 404 else "telegram_method_refused"
    get_logger().warning(event, method=method, status=error.status)
