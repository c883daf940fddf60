"""The lines of YAML that a Markdown file may begin with: what it says about itself, and nothing it could command."""

import re
from collections.abc import Mapping

import yaml

from knowledge.library.files.characters import one_line

_NAMES = (
    "title kind publisher organisation year licence url language state topics valid_from valid_until review_by status "
    "would_do_again"
)
DESCRIPTIVE = frozenset(_NAMES.split())
_FENCED = re.compile(r"\A---[ \t]*\n(.*?)\n(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL)
_LONGEST = 20_000
_NOTHING = frozenset(("", "~", "null"))

# The base loader makes strings of everything: a key like 01053000 keeps its zero, and no object is ever built.
_Loader: type[yaml.CBaseLoader | yaml.BaseLoader] = getattr(yaml, "CBaseLoader", yaml.BaseLoader)

Properties = Mapping[str, str | list[str]]


def split_front_matter(text: str) -> tuple[Properties | None, str, str]:
    """Return (properties, raw front matter, remaining text).

    Properties are None where the front matter is broken, so that the caller keeps it as text; unknown keys and
    nested values are left out.
    """
    match = _FENCED.match(text, 0, _LONGEST)
    if match is None:
        return {}, "", text
    try:
        loaded = yaml.load(match[1], _Loader)  # noqa: S506 - the base loader builds strings, lists and dicts alone
    except (yaml.YAMLError, RecursionError):
        return None, match[1], text[match.end() :]
    if not isinstance(loaded, dict):
        return None, match[1], text[match.end() :]
    return _descriptive(loaded), match[1], text[match.end() :]


def _descriptive(loaded: dict[object, object]) -> Properties:
    properties: dict[str, str | list[str]] = {}
    for key, value in loaded.items():
        name = str(key).strip().lower().replace("-", "_") if isinstance(key, str) else ""
        cleaned = _clean(value)
        if name in DESCRIPTIVE and cleaned:
            properties[name] = cleaned
    return properties


def _clean(value: object) -> str | list[str]:
    if isinstance(value, str):
        text = one_line(value)
        return "" if text.lower() in _NOTHING else text
    if isinstance(value, list):
        return [text for entry in value if isinstance(entry, str) and (text := one_line(entry))]
    return ""
