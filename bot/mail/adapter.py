"""E-mail as a network: the bot speaks and hears nothing."""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.exc import SQLAlchemyError

from bot.core.adapter import Features, SendPostponed, SendRefused, Take
from bot.core.messages import Outgoing, Person, Place
from bot.mail.composing import Composer
from knowledge.access.keys import load_key
from knowledge.kit.clock import now
from knowledge.kit.database import Database
from knowledge.kit.language import choose_language, current_language
from knowledge.kit.logs import get_logger
from knowledge.kit.mail import Mail, MailAway, MailRefused, sender_of
from knowledge.kit.mail_connections import MailConnections
from knowledge.kit.settings import Settings
from knowledge.kit.unit_of_work import unit_of_work
from knowledge.mailing.limits import WAITS_LONGEST
from knowledge.mailing.repository import MailingRepository
from knowledge.mailing.schemas import MailEntry
from knowledge.mailing.service import MailingService
from knowledge.mailing.tokens import MailTokens
from knowledge.models.chat import Network


class MailAdapter:
    """Sends what the bot says to people by e-mail, if they still want it at that moment.

    Args:
        settings: the mail server, the sender, and the hub's address and key for the links.
        database: knows what is wanted at an address.
        connections: to the mail server; without any, those that the settings name.
    """

    network = Network.MAIL
    features = Features(buttons=False, can_write_first=True, tells_deletions=False, longest_text=100_000)

    def __init__(self, settings: Settings, database: Database, connections: MailConnections | None = None) -> None:
        self._settings = settings
        self._database = database
        self._connections = connections or MailConnections(settings.mail)
        self._composer: Composer | None = None

    @property
    def account(self) -> str:
        """The sender's address."""
        return sender_of(self._settings.mail)

    async def start(self, cursor: str | None) -> None:
        """See that the mail server lets the bot in. Raises ``MailAway``, ``KeyUnusable``."""
        del cursor
        self._composer = Composer(self._settings, MailTokens(load_key(self._settings.hub_key_path)))
        await self._connections.check()

    async def receive(self, take: Take, stop: asyncio.Event) -> None:
        """Wait: nothing comes in."""
        del take
        await stop.wait()

    async def send(self, message: Outgoing, key: str) -> Sequence[str]:
        """Send a message, and return the identifier of the mail; nothing where it is not wanted any more.

        What was mailed cannot be changed or taken back, and of files only pictures are mailed.

        Raises ``SendRefused`` or ``SendPostponed``.
        """
        if message.text is None or message.edits or message.leaves:
            return message.edits
        entry, waits_since = await self._recipient(message.place.chat, key)
        if entry is None or not entry.takes(message.about):
            get_logger().info("mail_not_wanted", kind=message.about)
            return ()
        if waits_since is not None and now() - waits_since > WAITS_LONGEST:
            raise SendRefused("the mail server did not take it for days")
        mail = self._mail(message, key, entry)
        await self._send(mail, entry)
        return (mail.message_id or "",)

    async def _recipient(self, address: str, key: str) -> tuple[MailEntry | None, datetime | None]:
        """Return to whom a message goes, and since when it waits."""
        try:
            async with unit_of_work(self._database, writes=False) as unit:
                repository = MailingRepository(unit.session)
                sent, entry = await repository.sent_to(UUID(key)), await repository.by_address(address)
                # Whoever left or was suspended while it waited gets nothing any more.
                takes_part = entry is not None and await repository.takes_part(entry.member_id)
                return entry if takes_part else None, sent[1] if sent else None
        except (SQLAlchemyError, OSError) as error:
            raise SendPostponed("the database is away", detail=type(error).__name__) from error

    def _mail(self, message: Outgoing, key: str, entry: MailEntry) -> Mail:
        before = current_language()
        choose_language(entry.language or self._settings.language.language or "de")
        try:
            composer = self._composer or Composer(self._settings, MailTokens(load_key(self._settings.hub_key_path)))
            return composer.compose(message, key, entry)
        finally:
            choose_language(before)

    async def _send(self, mail: Mail, entry: MailEntry) -> None:
        try:
            await self._connections.send(mail)
        except MailAway as error:
            raise SendPostponed(error.message, detail=error.detail) from error
        except MailRefused as error:
            stopped = error.about_mailbox and await self._note_bounce(entry)
            raise SendRefused(error.message, detail=error.detail, gone=stopped) from error

    async def _note_bounce(self, entry: MailEntry) -> bool:
        async with unit_of_work(self._database) as unit:
            return await MailingService(unit).note_bounce(entry.identity_id, now())

    async def show_working(self, place: Place, *, on: bool) -> None:
        """Nobody looks."""

    async def direct_chat(self, person: Person) -> str | None:
        """Return the address itself."""
        return person.address

    def direct_link(self, word: str) -> str | None:  # noqa: ARG002 - there is nothing to open
        """Return nothing: nobody can write to the bot by mail."""
        return None

    async def close(self) -> None:
        """Say goodbye to the mail server."""
        await self._connections.close()
