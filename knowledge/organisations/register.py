"""Reads the official register of German municipalities (GV100AD), which the Statistisches Bundesamt publishes.

Published at destatis.de as part of GV-ISys; reproduction with source allowed.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from knowledge.kit.language import _
from knowledge.models.organisation import OrganisationKind
from knowledge.organisations.lineage import connect_records
from knowledge.organisations.records import (
    REGIONS,
    RegisterDamaged,
    RegisterEntry,
    check_shape,
    read_entry,
    read_status,
)

# The real file has 3.5 MB; anything much larger is something else.
LARGEST_FILE = 64_000_000


@dataclass(frozen=True, slots=True)
class Register:
    """A whole register with its territorial status (Gebietsstand)."""

    as_of: date
    entries: tuple[RegisterEntry, ...]

    def count(self, kind: OrganisationKind) -> int:
        """Return how many records there are of a kind."""
        return sum(entry.kind is kind for entry in self.entries)

    @property
    def unincorporated(self) -> int:
        """How many of the municipality records are unincorporated areas."""
        return sum(entry.unincorporated and entry.kind is OrganisationKind.MUNICIPALITY for entry in self.entries)


def read_register(path: Path) -> Register:
    """Read a register file; UTF-8 as published today, or CP1252 as before 2019.

    Raises RegisterDamaged when it is not a register, was cut off, or contradicts itself.
    """
    records: dict[str, tuple[int, RegisterEntry]] = {}
    known: set[str] = set()
    as_of: date | None = None
    for number, line in enumerate(_lines(_read_text(path)), start=1):
        check_shape(line, number)
        status = read_status(line, number)
        if as_of not in (None, status):
            raise RegisterDamaged(_("It mixes two territorial statuses."), line=number)
        as_of = status
        if line[:2] in REGIONS:
            continue
        entry = read_entry(line, number)
        identity = entry.ags or entry.key
        if identity in known:
            raise RegisterDamaged(_("The key {key} is there twice.").format(key=identity), line=number)
        known.add(identity)
        records[entry.key] = number, entry
    if as_of is None:
        raise RegisterDamaged(_("It is empty."))
    return Register(as_of, connect_records(records))


def _read_text(path: Path) -> str:
    if not path.is_file():
        raise RegisterDamaged(_("There is no such file: {name}").format(name=path.name))
    if path.stat().st_size > LARGEST_FILE:
        raise RegisterDamaged(_("It is far too large for a register."))
    try:
        content = path.read_bytes()
    except OSError as error:
        raise RegisterDamaged(_("It cannot be opened: {problem}").format(problem=error.strerror)) from error
    if content.startswith(b"PK"):
        raise RegisterDamaged(_("This is an archive; the register is the text file in it."))
    return _decode(content)


def _decode(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        if error.reason == "unexpected end of data" and error.end == len(content):
            return content[: error.start].decode("utf-8-sig")  # cut off inside a letter; its line is too short
    try:
        return content.decode("cp1252")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise RegisterDamaged(_("It is not a text in UTF-8 or CP1252."), line=line) from error


def _lines(text: str) -> Iterator[str]:
    """Yield the lines without their ends; old files close with the end-of-file sign of DOS."""
    lines = text.removesuffix("\x1a").split("\n")
    if not lines[-1]:
        lines.pop()
    for line in lines:
        yield line.removesuffix("\r")
