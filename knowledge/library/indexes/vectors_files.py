"""Looking over the files of an embedded Chroma before it opens them.

Chroma notices some damage itself. When the files of its graph are missing or cut off, however, it says nothing and
finds only what was written last (tried with 1.5.9: of 9,980 vectors one was found, and the count stayed right).
"""

import sqlite3
import struct
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

DATABASE = "chroma.sqlite3"
HEADER, VECTORS, LENGTHS, LINKS = "header.bin", "data_level0.bin", "length.bin", "link_lists.bin"
# header.bin of Chroma's hnswlib: version (int32), then, as 64 bits, offset, capacity, number of vectors, bytes of each.
HEADER_START = struct.Struct("<iQQQQ")
LENGTH = struct.Struct("<I")
# Checking 37 MB (100,000 vectors) takes half a second; above this size the start would be held up too long.
CHECKED_BYTES = 64 * 2**20


def find_damage(folder: Path) -> str | None:
    """Return what is wrong with the files of an embedded Chroma, or ``None``; an empty folder is fine."""
    database = folder / DATABASE
    if not database.exists():
        return "the database is gone" if folder.is_dir() and any(folder.iterdir()) else None
    try:
        with closing(sqlite3.connect(f"{database.absolute().as_uri()}?mode=rw", uri=True)) as connection:
            return _damaged_pages(connection, database) or next(_damaged_graphs(connection, folder), None)
    except sqlite3.DatabaseError as error:
        # A locked or full disk is no damage; Chroma will say what it is.
        return None if isinstance(error, sqlite3.OperationalError) else str(error)


def _damaged_pages(connection: sqlite3.Connection, database: Path) -> str | None:
    if database.stat().st_size > CHECKED_BYTES:
        return None
    (answer,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    return None if answer == "ok" else str(answer)


def _damaged_graphs(connection: sqlite3.Connection, folder: Path) -> Iterator[str]:
    """Yield what is wrong with the graphs that were written to disk: those with a note of how far they reach."""
    written = "SELECT segments.id FROM segments JOIN max_seq_id ON max_seq_id.segment_id = segments.id"
    for (segment,) in connection.execute(f"{written} WHERE segments.scope = 'VECTOR'").fetchall():
        problem = _damaged_graph(folder / segment)
        if problem:
            yield problem


def _damaged_graph(graph: Path) -> str | None:
    try:
        _, _, _, count, size = HEADER_START.unpack_from((graph / HEADER).read_bytes())
        vectors, lengths = ((graph / name).stat().st_size for name in (VECTORS, LENGTHS))
        if vectors < count * size or lengths < count * LENGTH.size:
            return f"the graph is cut off: {vectors} bytes for {count} vectors of {size}"
        _walk_links((graph / LINKS).read_bytes(), count)
    except (OSError, struct.error) as error:
        return f"the graph cannot be read: {error}"
    return None


def _walk_links(links: bytes, count: int) -> None:
    """Go through the upper layers' links, each with its length before it. Raises ``struct.error`` at a cut."""
    position = 0
    for _ in range(count):
        position += LENGTH.size + LENGTH.unpack_from(links, position)[0]
    if position > len(links):
        raise struct.error("the last links are cut off")
