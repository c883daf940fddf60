"""The bot on Matrix: plugs the network into the core's port."""

import asyncio
import contextlib
import secrets
from collections.abc import Callable, Coroutine, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

from bot.core.adapter import Features, ReadMessage, SendPostponed, Take
from bot.core.messages import FileNote, Incoming, Outgoing, Person, Place
from bot.matrix.crossing import cross_sign
from bot.matrix.doctor import DEVICE_CHANGED, SIGNED_OUT, explain, note_problems
from bot.matrix.events import Translator
from bot.matrix.fetching import Fetcher
from bot.matrix.keeping import Notes, make_folder
from bot.matrix.known import KnownEvents
from bot.matrix.listening import Batch, Listener
from bot.matrix.rendering import LONGEST_TEXT
from bot.matrix.rooms import Rooms, allowed_servers, server_of
from bot.matrix.sending import Sender
from bot.matrix.session import Session, SignInRefused, expected_account, sign_in
from bot.matrix.vault import Vault, try_to_look_after
from bot.matrix.wire import Json, ServerAway, ServerRefused, Wire, as_send_error, path
from knowledge.kit.clock import now
from knowledge.kit.errors import Unavailable
from knowledge.kit.language import _
from knowledge.kit.logs import get_logger
from knowledge.kit.settings import MatrixSettings
from knowledge.models.chat import Network

SECONDS_TO_POLL = 30.0
LONGEST_PAUSE = 60.0
REFUSALS_TO_START_ANEW = 6
# Milliseconds that a first sync may be asked to wait at most: without a place it comes at once from every server.
FIRST_SYNC, FIRST_SYNC_WITH_PLACE = 30_000, 1_000
TYPING_MILLISECONDS = 15_000
# How long a message waits for its key before the bot says that it could not read it.
KEY_PATIENCE = timedelta(seconds=60)


class MatrixAdapter:
    """One account on one homeserver; see ``bot.core.adapter.Adapter``.

    ``folder`` holds what must survive restarts: session, keys, what is unfinished. ``problems`` are the names of what
    an administrator should look after (``bot.matrix.doctor`` explains them). ``overhears`` may be set: it says for
    which rooms also talk that is not for the bot is handed over.
    """

    network = Network.MATRIX
    features = Features(
        buttons=False,
        can_write_first=True,
        tells_deletions=True,
        longest_text=LONGEST_TEXT,
        command_marks=("!",),
    )

    def __init__(self, settings: MatrixSettings, folder: Path, *, key_patience: timedelta = KEY_PATIENCE) -> None:
        self._settings = settings
        self._folder = folder
        self._patience = key_patience
        make_folder(folder)
        self._notes = Notes(folder / "unfinished.db")
        self._wire = Wire(settings.matrix_homeserver or "")
        self._vault = Vault(self._wire, folder)
        self._rooms = Rooms(self._wire, self._vault, self._notes)
        self._known = KnownEvents(self._wire, self._vault)
        self._translator = Translator(self._rooms, self._known, self._notes)
        self._listener = Listener(self._wire, self._vault, self._rooms, self._translator, notes=self._notes)
        self._fetcher = Fetcher(self._wire, self._vault, self._known)
        self._sender = Sender(self._wire, self._vault, self._rooms, self._known)
        self._session: Session | None = None
        self._signing_in = asyncio.Lock()
        self._cursor: str | None = None
        # A sync that matrix-nio has taken in, but the core not yet.
        self._pending: Json | None = None
        # How often in a row the server has turned a sync down.
        self._refusals = 0
        self._running: set[asyncio.Task[None]] = set()
        self.problems: list[str] = []

    @property
    def account(self) -> str:
        """The bot's address, guessed from the settings until it has signed in."""
        return self._session.user if self._session else expected_account(self._settings, self._folder)

    @property
    def overhears(self) -> Callable[[str], bool]:
        """Says for a room whether talk that is not for the bot is wanted, too."""
        return self._translator.overhears

    @overhears.setter
    def overhears(self, wanted: Callable[[str], bool]) -> None:
        self._translator.overhears = wanted

    async def start(self, cursor: str | None) -> None:
        """Sign in; may be called again.

        Raises ``SignInRefused`` with what an administrator can do, or ``Unavailable`` while the homeserver is away.
        """
        self._cursor, self._pending = cursor, None
        self._sender.is_ready = False
        try:
            await self._connect()
        except (ServerAway, ServerRefused) as error:
            message = _("The Matrix homeserver {address} cannot be reached, or has trouble of its own.")
            raise Unavailable(message.format(address=self._wire.homeserver), detail=str(error)) from error

    async def _connect(self) -> None:
        """Sign in and see to the device's keys; again, too, when the token has gone."""
        async with self._signing_in:
            session = await sign_in(self._wire, self._settings, self._folder)
            if self._session != session and (self._session is None or self._session.device != session.device):
                self._vault.open(session)
            self._rooms.account = self._known.account = session.user
            self._rooms.allowed = allowed_servers(self._settings.matrix_allowed_servers, session.user)
            changed = await self._vault.publish(session)
            password = self._settings.matrix_password.get_secret_value() if self._settings.matrix_password else None
            problems = [DEVICE_CHANGED] if changed else []
            problems += await cross_sign(self._wire, self._vault.device(session), self._folder, password=password)
            await self._rooms.load()
            self._known.names = await self._names(session.user)
            self._report(problems)
            self._session = session

    def _report(self, problems: list[str]) -> None:
        """Say once what an administrator should look after, and keep it for ``doctor``."""
        for problem in problems:
            if problem not in self.problems:
                get_logger().error("matrix_problem", problem=problem, advice=explain(problem))
        self.problems = problems
        note_problems(self._folder, problems)

    async def _names(self, user: str) -> tuple[str, ...]:
        local = user[1:].partition(":")[0]
        try:
            shown = (await self._wire.get(path("profile", user, "displayname"))).get("displayname")
        except ServerRefused:
            shown = None
        return (local, shown) if isinstance(shown, str) and shown else (local,)

    # What comes in

    async def receive(self, take: Take, stop: asyncio.Event) -> None:
        """Hand events over until ``stop`` is set."""
        pause = 0.0
        while not stop.is_set():
            try:
                if self._session is None:
                    await self._connect()
                await self._turn(take, stop)
                pause, self._refusals = 0.0, 0
            except (ServerAway, ServerRefused, SignInRefused) as error:
                pause = min(max(2 * pause, 0.5), LONGEST_PAUSE)
                asked = await self._mend(error)
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(stop.wait(), max(pause, asked))

    async def _mend(self, error: ServerAway | ServerRefused | SignInRefused) -> float:
        """Do what helps against an error; return how many seconds the server asks us to wait."""
        get_logger().warning("matrix_sync_failed", error=type(error).__name__, problem=str(error))
        if isinstance(error, SignInRefused):
            self._report([*(name for name in self.problems if name != SIGNED_OUT), SIGNED_OUT])
        if not isinstance(error, ServerRefused):
            return 0.0
        self._refusals += 1
        if error.code == "M_UNKNOWN_TOKEN":
            await self._sign_in_again()
        elif error.status == 400 and self._refusals >= REFUSALS_TO_START_ANEW:
            # The server has lost our place, say by a restored backup; what is there now counts as history.
            get_logger().error("matrix_place_lost")
            self._cursor = self._pending = None
            self._sender.is_ready = False
        return error.seconds or 0.0

    async def _sign_in_again(self) -> None:
        try:
            await self._connect()
        except (ServerAway, ServerRefused) as error:
            get_logger().warning("matrix_server_away", error=str(error))
        except SignInRefused:
            self._report([*(name for name in self.problems if name != SIGNED_OUT), SIGNED_OUT])

    async def _turn(self, take: Take, stop: asyncio.Event) -> None:
        """Wait for news, hand over what they mean, and then do what follows from them."""
        if self._pending is None:
            data = await self._news(stop)
            if data is None:
                return
            self._vault.receive(data)
            self._pending = data
        data = self._pending
        batch = await self._listener.digest(data, self._cursor, patience=self._patience)
        await take(batch.incomings, data["next_batch"])
        self._cursor, self._pending = data["next_batch"], None
        await self._follow_up(batch)

    async def _news(self, stop: asyncio.Event) -> Json | None:
        """Return the next sync's answer; ``None`` if we are to stop first."""
        first = not self._sender.is_ready
        # Servers answer a first sync that they know from a cache; one with another number they do not know.
        most = FIRST_SYNC if self._cursor is None else FIRST_SYNC_WITH_PLACE
        seconds = secrets.randbelow(most) / 1000 if first else self._seconds_to_poll()
        poll = asyncio.create_task(
            self._listener.poll(self._cursor, seconds=seconds, full_state=first and self._cursor is not None)
        )
        stopped = asyncio.create_task(stop.wait())
        try:
            await asyncio.wait({poll, stopped}, return_when=asyncio.FIRST_COMPLETED)
            return await poll if poll.done() else None
        finally:
            for task in (poll, stopped):
                task.cancel()
            await asyncio.gather(poll, stopped, return_exceptions=True)

    def _seconds_to_poll(self) -> float:
        """Poll no longer than until the first locked message has waited long enough."""
        waits = [(locked.since + self._patience - now()).total_seconds() for locked in self._notes.locked()]
        return max(min([SECONDS_TO_POLL, *waits]), 0.1)

    async def _follow_up(self, batch: Batch) -> None:
        for event in batch.settled:
            self._notes.drop_locked(event)
        for room in batch.joined:
            self._notes.drop_joining(room)
        for room in batch.left:
            self._vault.rooms.pop(room, None)
            self._notes.forget_room(room)
            self._in_background(self._try(self._wire.post(path("rooms", room, "forget"), {})))
        if not self._sender.is_ready:
            self._rooms.find_upgrades()
        async with self._sender.synced:
            self._sender.is_ready = True
            self._sender.synced.notify_all()
        self._rooms.go_on_joining()
        self._in_background(try_to_look_after(self._vault))
        for room in batch.empty:
            self._in_background(self._try(self._rooms.leave(room)))
        for room, event in batch.read.items():
            receipt = path("rooms", room, "receipt", "m.read", event)
            self._in_background(self._try(self._wire.post(receipt, {})))

    def _in_background(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def _try(self, work: Coroutine[Any, Any, Any]) -> None:
        """Do something that is only a courtesy."""
        try:
            await work
        except (ServerAway, ServerRefused) as error:
            get_logger().info("matrix_courtesy_failed", error=str(error))

    # What goes out

    async def send(self, message: Outgoing, key: str) -> Sequence[str]:
        """Send a message, exactly once for each ``key``; see ``Adapter.send``."""
        try:
            return await self._sender.send(message, key)
        except SendPostponed as error:
            cause = error.__cause__
            if not isinstance(cause, ServerRefused) or cause.code != "M_UNKNOWN_TOKEN":
                raise
        await self._sign_in_again()
        return await self._sender.send(message, key)

    async def show_working(self, place: Place, *, on: bool) -> None:
        """Show or hide that the bot is typing."""
        state = {"typing": on, **({"timeout": TYPING_MILLISECONDS} if on else {})}
        await self._try(self._wire.put(path("rooms", place.chat, "typing", self.account), state))

    async def fetch_file(self, incoming: Incoming, note: FileNote, *, most: int) -> bytes:  # noqa: ARG002
        """Return the content of a file that somebody sent, in clear; see ``FetchesFiles``."""
        return await self._fetcher.fetch_file(incoming, most=most)

    async def read_message(self, place: Place, event: str) -> ReadMessage | None:
        """Return what a message says now; see ``ReadsMessages``."""
        return await self._fetcher.read_message(place, event)

    async def direct_chat(self, person: Person) -> str | None:
        """Return the direct chat with a person, made and encrypted if need be; raises ``SendPostponed``."""
        if server_of(person.address) == "":
            return None
        try:
            return await self._rooms.direct_chat(person.address)
        except (ServerAway, ServerRefused) as error:
            raise as_send_error(error) from error

    def direct_link(self, word: str) -> str | None:  # noqa: ARG002 - Matrix has no such links
        """Return nothing: no link on Matrix can say something in a chat."""
        return None

    async def close(self) -> None:
        """Give back connections and files."""
        for task in self._running:
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)
        await self._rooms.close()
        await self._wire.close()
        self._vault.close()
        self._notes.close()
