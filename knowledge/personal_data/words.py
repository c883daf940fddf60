"""Which words are names, and which are words: lists, and what the endings tell."""

import ast
import importlib.util
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from knowledge.personal_data.lists import read_endings, read_sections, read_words

# Where the people of German municipalities come from, as far as their names are written with Latin letters.
_LOCALES = (
    *(
        "de_DE",
        "de_AT",
        "de_CH",
        "tr_TR",
        "pl_PL",
        "it_IT",
        "es_ES",
        "hr_HR",
        "ro_RO",
        "en_GB",
        "en_US",
        "fr_FR",
        "fr_DZ",
    ),
    *(
        "nl_NL",
        "pt_PT",
        "cs_CZ",
        "hu_HU",
        "sl_SI",
        "sv_SE",
        "da_DK",
        "az_AZ",
        "fi_FI",
        "lt_LT",
        "lv_LV",
        "vi_VN",
        "en_NG",
    ),
)
# Letters that German words do not have.
_FOREIGN_LETTER = re.compile(r"[şğıçćčšžłńęąśźżőűřňťďđñøåæãõîățșðþýœễộạầệươảọồờ]")
# Names that forms use as an example.
_EXAMPLES = re.compile(r"^(?:muster(?:mann|frau|person|kind)?|mustermanns|doe|beispiel\w*)$")


@dataclass(frozen=True, slots=True)
class NameLists:
    """Names and words, without capitals."""

    given: frozenset[str]
    family: frozenset[str]
    common_given: frozenset[str]
    common_family: frozenset[str]
    words: frozenset[str]
    heads: frozenset[str]


@cache
def name_lists() -> NameLists:
    """Return the lists, read once: Faker's names of many languages, and the words and names of this folder."""
    more, words = read_sections("more_names.txt"), read_sections("common_words.txt")
    given, family = set(more["given"]), set(more["family"])
    german_given, german_family = set(given), set(family)
    for name, is_given, is_german in _faker_names():
        (given if is_given else family).add(name)
        if is_german:
            (german_given if is_given else german_family).add(name)
    plain = words["words"] | words["heads"]
    return NameLists(
        given=frozenset(name for name in given if len(name) > 1) - _words("rather words"),
        family=frozenset(name for name in family if len(name) > 1),
        common_given=frozenset(german_given) - _words("rather words"),
        common_family=frozenset(german_family),
        words=frozenset(plain),
        heads=frozenset(head for head in words["heads"] if len(head) > 3),
    )


def _words(section: str) -> frozenset[str]:
    return read_words("endings.txt", section)


def _endings(section: str) -> tuple[str, ...]:
    return read_endings("endings.txt", section)


def _faker_names() -> Iterator[tuple[str, bool, bool]]:
    """Yield the names that come with Faker, and whether they are given names, and whether they are German.

    They are read out of its source: importing it would load all its languages, 70 MB for some thousand words.
    """
    found = importlib.util.find_spec("faker")
    if found is None or found.origin is None:
        return
    folder = Path(found.origin).parent / "providers" / "person"
    for locale in _LOCALES:
        tree = ast.parse((folder / locale / "__init__.py").read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
                target = node.targets[0] if isinstance(node, ast.Assign) else node.target
                name = target.id if isinstance(target, ast.Name) else ""
                if "first_name" in name or "last_name" in name:
                    yield from (
                        (word.lower(), "first_name" in name, locale == "de_DE") for word in _strings(node.value)
                    )


def _strings(node: ast.expr) -> Iterator[str]:
    for part in ast.walk(node):
        if isinstance(part, ast.Constant) and isinstance(part.value, str):
            yield part.value


def is_given_name(word: str) -> bool:
    """Tell whether this is a given name, also one of two that a hyphen joins."""
    return word in name_lists().given or ("-" in word and all(part in name_lists().given for part in word.split("-")))


def is_also_word(word: str) -> bool:
    """Tell whether a given name is a common word, too."""
    return word in _words("also words")


def is_common_given_name(word: str) -> bool:
    """Tell whether this is a given name that is frequent in Germany."""
    return word in name_lists().common_given


def is_common_family_name(word: str) -> bool:
    """Tell whether this is a family name that is frequent in Germany."""
    return word in name_lists().common_family


def is_family_name(word: str) -> bool:
    """Tell whether this is a known family name, or has the shape of one; of joined ones, one is enough."""
    if _FOREIGN_LETTER.search(word):
        return True
    return any(
        part in name_lists().family or part[2:].endswith(_endings("sure family ending")) for part in word.split("-")
    )


def may_be_family_name(word: str) -> bool:
    """Tell whether a word ends as family names often do."""
    return word[2:].endswith(_endings("family ending"))


@cache
def _known_word(word: str) -> bool:
    lists = name_lists()
    stems = {word, *(word.removesuffix(ending) for ending in ("s", "es", "n", "en", "e"))}
    return not lists.words.isdisjoint(stems)


def is_word(word: str) -> bool:
    """Tell whether this is a common noun, a function word, or a compound with one at its end."""
    last = word.rsplit("-", 1)[-1]
    if _known_word(last) or last.endswith(_endings("noun ending")):
        return True
    return any(last[start:] in name_lists().heads for start in range(3, len(last) - 3))


def is_surely_word(word: str) -> bool:
    """Tell whether this is a noun and hardly a family name: „Antrag“, not „Kornfeld“."""
    return is_word(word) and (_known_word(word) or not word.endswith(_endings("landscape")))


def is_place(word: str) -> bool:
    """Tell whether a word ends as names of towns do."""
    return word.endswith(_endings("place ending"))


def is_institution(word: str) -> bool:
    """Tell whether this is what gets named after persons: „Goethe-Schule“, „Bürgerpark“."""
    return word.endswith(_endings("institution")) or word.rsplit("-", 1)[-1] in _words("short institution")


def is_company(word: str) -> bool:
    """Tell whether this word makes a company of the name before it."""
    return word in _words("company")


def is_example(word: str) -> bool:
    """Tell whether this is a name that only stands in examples."""
    return _EXAMPLES.search(word) is not None
