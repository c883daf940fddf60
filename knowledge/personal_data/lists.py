"""The lists of this folder: words by the section of the file that they stand in."""

from functools import cache
from pathlib import Path


@cache
def read_sections(file_name: str) -> dict[str, frozenset[str]]:
    """Return the words of a file beside this one, without capitals, by section; read once."""
    sections: dict[str, frozenset[str]] = {}
    current = ""
    for line in Path(__file__).with_name(file_name).read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            current = line.strip("[]")
        elif not line.startswith("#"):
            sections[current] = sections.get(current, frozenset()) | set(line.lower().split())
    return sections


@cache
def read_words(file_name: str, section: str) -> frozenset[str]:
    """Return the words of one section."""
    return read_sections(file_name)[section]


@cache
def read_endings(file_name: str, section: str) -> tuple[str, ...]:
    """Return the words of one section for ``str.endswith``."""
    return tuple(sorted(read_words(file_name, section)))
