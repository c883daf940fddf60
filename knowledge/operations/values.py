"""Column values as plain JSON and back, the same for every kind of database."""

import base64
import binascii
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Column, Date, DateTime, LargeBinary, Table, Uuid
from sqlalchemy.types import TypeEngine


def to_plain(value: Any) -> Any:
    """Return a value of a column as JSON can hold it: keys as hex, moments in UTC, bytes as base64."""
    if isinstance(value, UUID):
        return value.hex
    if isinstance(value, datetime):
        # Moments without a zone come from SQLite, which forgets it; we store nothing but UTC.
        return (value if value.tzinfo else value.replace(tzinfo=UTC)).astimezone(UTC).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bytes | memoryview):
        return base64.b64encode(value).decode("ascii")
    return value


def row_reader(table: Table) -> Callable[[Mapping[str, Any]], dict[str, Any]]:
    """Return a function that turns plain rows into rows for ``table``.

    It raises ``ValueError`` for a row that has other columns, or values that do not fit them.
    """
    readers = {column.name: _reader(column) for column in table.columns}

    def read(row: Mapping[str, Any]) -> dict[str, Any]:
        if row.keys() != readers.keys():
            raise ValueError(f"columns {sorted(row)} instead of {sorted(readers)}")
        return {name: None if value is None else readers[name](value) for name, value in row.items()}

    return read


def _reader(column: Column[Any]) -> Callable[[Any], Any]:
    kinds: tuple[tuple[type[TypeEngine[Any]], Callable[[Any], Any]], ...] = (
        (Uuid, UUID),
        (DateTime, datetime.fromisoformat),
        (Date, date.fromisoformat),
        (LargeBinary, _read_bytes),
    )
    for kind, reader in kinds:
        if isinstance(column.type, kind):
            return _refusing(reader)
    return lambda value: value


def _refusing(reader: Callable[[str], Any]) -> Callable[[Any], Any]:
    def read(value: Any) -> Any:
        if not isinstance(value, str):
            raise ValueError("text was expected")
        return reader(value)

    return read


def _read_bytes(value: str) -> bytes:
    try:
        return base64.b64decode(value, validate=True)
    except binascii.Error as error:
        raise ValueError("base64 was expected") from error
