"""Small things that the adapter must not forget, in its own folder: the session, keys, and what is unfinished."""

import json
import os
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from knowledge.kit.clock import now

# How long it is known which reaction meant what, so that taking it back can be understood.
REACTION_DAYS = 30


def make_folder(folder: Path) -> None:
    """Make the adapter's folder, for nobody else to read."""
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)


def write_secret(path: Path, values: Mapping[str, Any]) -> None:
    """Write a file that only we may read, whole or not at all, and on the disk when this returns."""
    scratch = path.with_suffix(".new")
    scratch.unlink(missing_ok=True)
    with os.fdopen(os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        json.dump(values, file)
        file.flush()
        os.fsync(file.fileno())
    scratch.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def read_secret(path: Path) -> dict[str, Any]:
    """Return what ``write_secret`` wrote; nothing where there is no such file or it cannot be understood."""
    try:
        values = json.loads(path.read_text("utf-8"))
    except (FileNotFoundError, ValueError):
        return {}
    return values if isinstance(values, dict) else {}


@dataclass(frozen=True, slots=True)
class Locked:
    """A message whose key has not come yet, as the network gave it."""

    event: str
    room: str
    source: dict[str, Any]
    since: datetime


@dataclass(frozen=True, slots=True)
class Joining:
    """A room that the bot is about to join: invited by ``inviter``, or as the successor of ``old_room``."""

    room: str
    inviter: str | None
    direct: bool
    old_room: str | None
    via: str | None
    since: datetime


_TABLES = """
CREATE TABLE IF NOT EXISTS locked (event TEXT PRIMARY KEY, room TEXT, source TEXT, since REAL);
CREATE TABLE IF NOT EXISTS joining (
    room TEXT PRIMARY KEY, inviter TEXT, direct INTEGER, old_room TEXT, via TEXT, since REAL
);
CREATE TABLE IF NOT EXISTS reactions (event TEXT PRIMARY KEY, room TEXT, about TEXT, choice TEXT, at REAL);
"""


class Notes:
    """What is unfinished, in an SQLite file of its own; each change is on the disk when the method returns."""

    def __init__(self, path: Path) -> None:
        path.touch(mode=0o600)
        self._file = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._file.executescript(f"PRAGMA synchronous=FULL; PRAGMA secure_delete=ON; {_TABLES}")
        self.forget_old_reactions()

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def keep_locked(self, locked: Locked) -> None:
        """Remember a message that cannot be read yet."""
        values = (locked.event, locked.room, json.dumps(locked.source), locked.since.timestamp())
        self._file.execute("INSERT OR IGNORE INTO locked VALUES (?, ?, ?, ?)", values)

    def drop_locked(self, event: str) -> None:
        """Forget a message that was read or given up."""
        self._file.execute("DELETE FROM locked WHERE event = ?", (event,))

    def locked(self) -> list[Locked]:
        """Return all messages that cannot be read yet, oldest first."""
        rows = self._file.execute("SELECT event, room, source, since FROM locked ORDER BY since, rowid")
        return [Locked(event, room, json.loads(source), _moment(since)) for event, room, source, since in rows]

    def keep_joining(self, joining: Joining) -> None:
        """Remember a room that is to be joined."""
        values = (joining.room, joining.inviter, joining.direct, joining.old_room, joining.via)
        statement = "INSERT OR REPLACE INTO joining VALUES (?, ?, ?, ?, ?, ?)"
        self._file.execute(statement, (*values, joining.since.timestamp()))

    def drop_joining(self, room: str) -> None:
        """Forget a room that was joined or given up."""
        self._file.execute("DELETE FROM joining WHERE room = ?", (room,))

    def joining(self, room: str | None = None) -> list[Joining]:
        """Return the rooms that are to be joined, or the one asked for."""
        rows = self._file.execute("SELECT room, inviter, direct, old_room, via, since FROM joining")
        found = [Joining(r, who, bool(direct), old, via, _moment(at)) for r, who, direct, old, via, at in rows]
        return [each for each in found if room is None or each.room == room]

    def keep_reaction(self, event: str, room: str, about: str, choice: str) -> None:
        """Remember what a reaction meant; who it came from is not kept."""
        values = (event, room, about, choice, now().timestamp())
        self._file.execute("INSERT OR IGNORE INTO reactions VALUES (?, ?, ?, ?, ?)", values)

    def reaction(self, event: str, room: str) -> tuple[str, str] | None:
        """Return the message and the emoji of a reaction."""
        statement = "SELECT about, choice FROM reactions WHERE event = ? AND room = ?"
        row: tuple[str, str] | None = self._file.execute(statement, (event, room)).fetchone()
        return row

    def forget_old_reactions(self) -> None:
        """Forget what reactions meant that are long past."""
        limit = (now() - timedelta(days=REACTION_DAYS)).timestamp()
        self._file.execute("DELETE FROM reactions WHERE at < ?", (limit,))

    def forget_room(self, room: str) -> None:
        """Forget everything about a room that the bot has left."""
        self._file.execute("DELETE FROM locked WHERE room = ?", (room,))
        self._file.execute("DELETE FROM reactions WHERE room = ?", (room,))


def _moment(timestamp: float) -> datetime:
    return datetime.fromtimestamp(timestamp, UTC)
