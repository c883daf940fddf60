"""Keeping the German catalogue in step with the texts in the code.

``python -m knowledge.locale`` collects all texts, adds new ones to the catalogue, drops old ones and compiles it.
"""

from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

PROJECT = Path(__file__).resolve().parent.parent.parent
FOLDERS = ("knowledge", "hub", "bot")
GERMAN = Path(__file__).resolve().parent / "de" / "LC_MESSAGES" / "allmende.po"
COMPILED = GERMAN.with_suffix(".mo")
# Texts that the command line's parser looks up in our catalogue come with its own words for them.
METHODS = [("**.py", "python"), ("**/templates/**.html", "jinja2")]
# A template that cannot be read is an error, not a template without texts.
OPTIONS = {"**/templates/**.html": {"silent": "false", "trim_blocks": "true", "lstrip_blocks": "true"}}
KEYWORDS = {"_": None, "ngettext": (1, 2)}

Message = str | tuple[str, ...]


def texts_in_code() -> Iterator[tuple[str, Message]]:
    """Yield file and text of every translatable text in the code; those with a plural as a pair."""
    for folder in FOLDERS:
        found = extract_from_dir(PROJECT / folder, method_map=METHODS, options_map=OPTIONS, keywords=KEYWORDS)
        for file, _line, message, _comments, _context in found:
            yield f"{folder}/{file}", message


def german() -> Catalog:
    """Return the German catalogue as it is."""
    with GERMAN.open("rb") as file:
        return read_po(file, locale="de")


def update() -> Catalog:
    """Bring the catalogue in step with the code, keeping all translations, and compile it; returns it."""
    template = Catalog(project="Allmende", charset="utf-8")
    for source, message in texts_in_code():
        template.add(message, locations=[(source, 1)])
    catalogue = german() if GERMAN.exists() else Catalog(locale="de", project="Allmende", fuzzy=False)
    catalogue.update(template, no_fuzzy_matching=True)
    catalogue.obsolete.clear()
    catalogue.fuzzy = False
    with GERMAN.open("wb") as file:
        write_po(file, catalogue, width=120, sort_output=True, include_lineno=False, omit_header=False)
    with COMPILED.open("wb") as compiled:
        write_mo(compiled, catalogue)
    return catalogue


def untranslated(catalogue: Catalog) -> list[str]:
    """Return the texts without a German wording."""

    def missing(text: str | list[str] | tuple[str, ...] | None) -> bool:
        return not all(text) if isinstance(text, list | tuple) else not text

    return [str(message.id) for message in catalogue if message.id and missing(message.string)]
