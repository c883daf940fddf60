"""How enumerations are stored: as their value, in a plain text column, on every database alike."""

from enum import StrEnum

from sqlalchemy import Enum

# Room for every value, so that a new one never changes the column.
LENGTH = 40


def stored_by_value(kind: type[StrEnum]) -> Enum:
    """Return the column type for ``kind``: the values as text, unknown ones refused.

    There is no native type and no check constraint, because changing either takes a rebuilt table on SQLite.
    """
    return Enum(
        kind,
        native_enum=False,
        create_constraint=False,
        validate_strings=True,
        length=LENGTH,
        values_callable=lambda members: [member.value for member in members],
    )
