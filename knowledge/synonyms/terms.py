"""Words and short phrases that mean the same: checking, comparing, reading lists of them."""

import csv
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from knowledge.kit.errors import InvalidInput
from knowledge.kit.language import _

LONGEST_TERM = 100
LARGEST_GROUP = 50
# A list of synonyms is short; this one would be a book.
LARGEST_FILE = 5_000_000
_SEPARATORS = (";", "\t", ",")


class TermUnusable(InvalidInput):
    """This cannot be a synonym."""

    code = "synonyms.term_unusable"


class SynonymFileUnreadable(InvalidInput):
    """The file is no text, or is not there."""

    code = "synonyms.file_unreadable"


@dataclass(frozen=True, slots=True)
class NumberedLine:
    """A line of a list with its number from 1."""

    number: int
    text: str


def fold_term(text: str) -> str:
    """Return ``text`` for comparing: without capitals, spare spaces and what cannot be seen, ß as ss."""
    folded = " ".join(unicodedata.normalize("NFC", text).casefold().split())
    return "".join(letter for letter in folded if letter.isprintable())  # PostgreSQL takes no zero characters


def check_terms(texts: Iterable[str]) -> dict[str, str]:
    """Return the terms as written, by their folded form; doubles and empty ones are left out.

    Raises TermUnusable if one cannot be a term, and if fewer than two are left.
    """
    terms: dict[str, str] = {}
    for text in texts:
        term = " ".join(unicodedata.normalize("NFC", text).split())
        if not term:
            continue
        if len(term) > LONGEST_TERM:
            raise TermUnusable(_("“{term}…” is too long.").format(term=term[:40]))
        if not term.isprintable() or not any(letter.isalnum() for letter in term):
            raise TermUnusable(_("“{term}” is not a word.").format(term=_printable(term)))
        terms.setdefault(fold_term(term), term)
    if len(terms) < 2:
        raise TermUnusable(_("At least two different words are needed."))
    if len(terms) > LARGEST_GROUP:
        raise TermUnusable(_("These are more than {count} words for one thing.").format(count=LARGEST_GROUP))
    return terms


def split_line(text: str) -> list[str]:
    """Return the terms of a line: parted by semicolons, else tabs, else commas; quotation marks hold one together.

    Raises TermUnusable.
    """
    separator = next((sign for sign in _SEPARATORS if sign in text), ";")
    try:
        return next(csv.reader([text], delimiter=separator, skipinitialspace=True, strict=True))
    except csv.Error as error:
        raise TermUnusable(_("The quotation marks do not match."), detail=str(error)) from error


def read_lines(path: Path) -> Iterator[NumberedLine]:
    """Yield the lines of a list that are neither empty nor comments (``#``).

    The text is UTF-8, UTF-16 with its mark, or CP1252. Raises SynonymFileUnreadable.
    """
    for number, line in enumerate(_read_text(path).splitlines(), start=1):
        text = line.strip()
        if text and not text.startswith("#"):
            yield NumberedLine(number, text)


def _read_text(path: Path) -> str:
    if not path.is_file():
        raise SynonymFileUnreadable(_("There is no file “{name}”.").format(name=path.name))
    if path.stat().st_size > LARGEST_FILE:
        raise SynonymFileUnreadable(_("The file “{name}” is too large for a list of words.").format(name=path.name))
    try:
        content = path.read_bytes()
    except OSError as error:
        problem = _("The file “{name}” cannot be opened: {problem}")
        raise SynonymFileUnreadable(problem.format(name=path.name, problem=error.strerror)) from error
    text = _decode(content)
    if text is None or "\0" in text:
        problem = _("The file “{name}” is not a text. Please save the list as text in UTF-8.")
        raise SynonymFileUnreadable(problem.format(name=path.name))
    return text


def _decode(content: bytes) -> str | None:
    utf_16 = content.startswith((b"\xff\xfe", b"\xfe\xff"))
    for encoding in ["utf-16"] if utf_16 else ["utf-8-sig", "cp1252"]:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    return None


def _printable(term: str) -> str:
    return "".join(letter if letter.isprintable() else "�" for letter in term)[:40]
