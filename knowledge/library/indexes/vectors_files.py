"""Looking over the files of an embedded Chroma before it opens them.

Chroma notices some damage itself. Tried with 1.5.9: when the files of its graph are missing or cut off, it says
nothing and finds only what was written last, with the count still right; numbers that lead out of the graph end the
whole process.
"""

import sqlite3
import struct
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Self

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

DATABASE = "chroma.sqlite3"
HEADER, VECTORS, LENGTHS, LINKS = "header.bin", "data_level0.bin", "length.bin", "link_lists.bin"
NUMBER = struct.Struct("<I")
# Checking everything takes half a second for 100,000 vectors; above these sizes the start would be held up too long.
CHECKED_BYTES, CHECKED_VECTORS = 64 * 2**20, 200_000


class _Damage(Exception):
    """Something is wrong with the files."""


def find_damage(folder: Path) -> str | None:
    """Return what is wrong with the files of an embedded Chroma, or ``None``; an empty folder is fine."""
    database = folder / DATABASE
    if not database.exists():
        return "the database is gone" if folder.is_dir() and any(folder.iterdir()) else None
    try:
        with closing(sqlite3.connect(f"{database.absolute().as_uri()}?mode=rw", uri=True)) as connection:
            _check_pages(connection, database)
            for segment in _written_graphs(connection):
                _check_graph(folder / segment)
    except sqlite3.OperationalError:
        # A locked or full disk is no damage; Chroma will say what it is.
        return None
    except (_Damage, sqlite3.DatabaseError) as error:
        return str(error)
    return None


def _check_pages(connection: sqlite3.Connection, database: Path) -> None:
    if database.stat().st_size > CHECKED_BYTES:
        return
    (answer,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    if answer != "ok":
        raise _Damage(str(answer))


def _written_graphs(connection: sqlite3.Connection) -> Iterator[str]:
    """Yield the folders of graphs that were written to disk: those with a note of how far they reach."""
    rows = connection.execute(
        "SELECT segments.id FROM segments JOIN max_seq_id ON max_seq_id.segment_id = segments.id "
        "WHERE segments.scope = 'VECTOR'"
    )
    yield from [segment for (segment,) in rows.fetchall()]


@dataclass(frozen=True, slots=True)
class _Header:
    """The beginning of a graph as Chroma's hnswlib writes it; all numbers of bytes and vectors."""

    version: int
    start: int
    capacity: int
    count: int
    size: int
    label_at: int
    vector_at: int
    top_layer: int
    entry: int
    upper_links: int
    ground_links: int

    @classmethod
    def read(cls, path: Path) -> Self:
        content = path.read_bytes()
        # What follows are three values more, of which nothing depends on the files.
        if len(content) < 100:
            raise _Damage("the header is cut off")
        return cls(*struct.unpack_from("<iQQQQQQiIQQ", content))

    def is_sound(self) -> bool:
        """Tell whether the numbers fit each other."""
        return (
            self.count <= self.capacity
            and self.vector_at == (self.ground_links + 1) * NUMBER.size
            and self.vector_at < self.label_at == self.size - 8
            and (self.entry < self.count or not self.count)
        )


def _check_graph(graph: Path) -> None:
    try:
        header = _Header.read(graph / HEADER)
        # A later version may be laid out otherwise; Chroma has to judge it alone.
        if header.version != 1:
            return
        if not header.is_sound():
            raise _Damage("the header of the graph is wrong")
        if min((graph / LENGTHS).stat().st_size, (graph / LINKS).stat().st_size) < header.count * NUMBER.size:
            raise _Damage("the graph is cut off")
        _check_ground(graph / VECTORS, header)
        _check_upper(np.fromfile(graph / LINKS, dtype="<u4"), header)
    except (OSError, IndexError) as error:
        raise _Damage(f"the graph cannot be read: {error}") from error


def _check_ground(path: Path, header: _Header) -> None:
    """See that every vector is there and that its links lead to other vectors."""
    if path.stat().st_size < header.count * header.size:
        raise _Damage("the vectors are cut off")
    if not 0 < header.count <= CHECKED_VECTORS:
        return
    rows = np.memmap(path, dtype=np.uint8, mode="r", shape=(header.count, header.size))
    links = np.ascontiguousarray(rows[:, : header.vector_at]).view("<u4")
    # The number of links comes first; its upper half holds a mark for deleted vectors.
    used = np.arange(header.ground_links) < (links[:, :1] & 0xFFFF)
    if (links[:, 0] & 0xFFFF).max() > header.ground_links or (links[:, 1:][used] >= header.count).any():
        raise _Damage("links lead out of the graph")


def _check_upper(numbers: "NDArray[np.uint32]", header: _Header) -> None:
    """See that the links of the upper layers lead to vectors which are in that layer.

    The file holds for each vector a length in bytes, and then that many bytes: for each of its upper layers the
    number of links, and room for as many as there may be.
    """
    room = header.upper_links + 1
    layers = np.zeros(header.count, dtype=np.uint32)
    lists = []
    position = 0
    for vector in range(header.count):
        words, rest = divmod(int(numbers[position]), NUMBER.size)
        own = numbers[position + 1 : position + 1 + words]
        position += 1 + words
        if rest or words % room or len(own) < words:
            raise _Damage("the upper links are cut off")
        if words:
            layers[vector] = words // room
            lists.append(own.reshape(-1, room))
    if position != len(numbers) or (header.count and layers[header.entry] != header.top_layer):
        raise _Damage("the upper links do not fit the vectors")
    if not all(_leads_inside(row, layers >= layer) for own in lists for layer, row in enumerate(own, start=1)):
        raise _Damage("upper links lead out of the graph")


def _leads_inside(row: "NDArray[np.uint32]", inside: "NDArray[np.bool_]") -> bool:
    used = row[1 : 1 + (int(row[0]) & 0xFFFF)]
    return bool((used < len(inside)).all() and inside[used].all())
