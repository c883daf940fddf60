"""Tables as text: each row says what its cells are, so that it can be found and quoted alone."""

from collections.abc import Sequence

Row = Sequence[str]
_MOST_COLUMNS = 30
_LONGEST_HEADER = 80


def table_text(rows: Sequence[Row]) -> str:
    """Return one line per row: „Header: value; Header: value“ below a row of headers, else „value | value“.

    Cells are clean single lines. Empty rows and cells are left out; returns "" for an empty table.
    """
    filled = [row for row in rows if any(row)]
    if not filled:
        return ""
    if len(filled) > 1 and is_header(filled[0]):
        return "\n".join(row_text(row, filled[0]) for row in filled[1:])
    return "\n".join(row_text(row, None) for row in filled)


def is_header(row: Row) -> bool:
    """Whether a first row names its columns: short, different, and no bare numbers."""
    names = [cell for cell in row if cell]
    if not 2 <= len(names) <= _MOST_COLUMNS or len(names) < len(row) - 1 or len(set(names)) < len(names):
        return False
    return all(len(name) <= _LONGEST_HEADER and any(map(str.isalpha, name)) for name in names)


def row_text(row: Row, header: Row | None) -> str:
    """Return one row as a line; ``header`` names its columns, if there is one."""
    if header is None:
        return " | ".join(cell for cell in row if cell)
    names = list(header) + [""] * (len(row) - len(header))
    return "; ".join(
        f"{name.rstrip(':')}: {cell}" if name else cell for name, cell in zip(names, row, strict=False) if cell
    )
