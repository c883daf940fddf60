"""Taking fields out of YAML that somebody wrote, and noting in which line something is wrong with one."""

import re
from enum import StrEnum
from typing import Any, TypeVar

from knowledge.kit.language import _
from knowledge.lessons.errors import LessonProblem
from knowledge.models.document import Visibility

Choice = TypeVar("Choice", bound=StrEnum)

# Words that stand in addresses in the place of a key.
TAKEN = frozenset({"verwalten", "pfad"})
_KEY = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,78}[a-z0-9])?")
LANGUAGES = ("de", "en")


class Fields:
    """The fields of one mapping.

    Args:
        said: what YAML made of the text.
        text: the text.
        first_line: the line of the file in which the text begins.
        problems: what is wrong is added here; the value that is returned then means nothing.
    """

    def __init__(self, said: Any, text: str, first_line: int, problems: list[LessonProblem]) -> None:
        self._said: dict[Any, Any] = said if isinstance(said, dict) else {}
        self._lines = text.split("\n")
        self._first_line = first_line
        self._problems = problems
        if not isinstance(said, dict):
            problem = _("Here fields are expected, such as “title: What AI is”.")
            problems.append(LessonProblem(first_line, problem, "no_fields"))

    def complain(self, name: str, message: str, code: str) -> None:
        """Note what is wrong with a field."""
        self._problems.append(LessonProblem(self._line_of(name), f"{name}: {message}", code))

    def _line_of(self, name: str) -> int:
        mark = re.compile(rf"[\s{{,-]*[\"']?{re.escape(name)}[\"']?\s*:")
        at = next((number for number, line in enumerate(self._lines) if mark.match(line)), 0)
        return self._first_line + at

    def only(self, *names: str) -> None:
        """Complain about fields that have other names."""
        for name in self._said:
            if name not in names:
                shown = str(name)[:40]
                self.complain(shown, _("There is no such field."), "unknown_field")

    def has(self, name: str) -> bool:
        """Whether a field is there and says something."""
        return self._said.get(name) not in (None, "", [])

    def text(self, name: str, *, longest: int, required: bool = True) -> str:
        """Return a text of one line."""
        value = self._said.get(name)
        if isinstance(value, bool | int | float):
            value = str(value)
        if value is None and not required:
            return ""
        if not isinstance(value, str) or not value.strip():
            self.complain(name, _("Please write a text here."), "text_missing")
            return ""
        tidy = " ".join(value.split())
        if len(tidy) > longest:
            problem = _("This is longer than {longest} characters.").format(longest=longest)
            self.complain(name, problem, "too_long")
        return tidy

    def lines(self, name: str, *, longest: int) -> str:
        """Return a text with its lines, of which empty ones are left out."""
        self.text(name, longest=longest)
        value = self._said.get(name)
        lines = value.split("\n") if isinstance(value, str) else ()
        return "\n".join(tidy for line in lines if (tidy := " ".join(line.split())))

    def key(self, name: str) -> str:
        """Return a key: small letters, digits and dashes."""
        value = self._said.get(name)
        if not isinstance(value, str) or not _KEY.fullmatch(value):
            problem = _("A key consists of small letters a to z, digits and dashes, such as “what-ai-is”.")
            self.complain(name, problem, "key")
            return ""
        if value in TAKEN:
            self.complain(name, _("This key is taken. Please choose another one."), "key_taken")
        return value

    def number(self, name: str, *, least: int, most: int, required: bool = True) -> int:
        """Return a whole number; 0 where it is not there and need not be."""
        value = self._said.get(name)
        if value is None and not required:
            return 0
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
            problem = _("Please write a whole number from {least} to {most}.").format(least=least, most=most)
            self.complain(name, problem, "number")
            return least
        return value

    def choice(self, name: str, among: type[Choice], default: Choice | None = None) -> Choice:
        """Return one of several values; without a default it has to be there."""
        value = self._said.get(name, default)
        for one in among:
            if value == one.value:
                return one
        problem = _("Please choose one of these: {values}.").format(values=", ".join(one.value for one in among))
        self.complain(name, problem, "choice_of_field")
        return default or next(iter(among))

    def language(self) -> str:
        """Return the language, German where none is named."""
        value = self._said.get("language", "de")
        if value not in LANGUAGES:
            problem = _("Please choose one of these: {values}.").format(values=", ".join(LANGUAGES))
            self.complain("language", problem, "language")
            return "de"
        return str(value)

    def visibility(self) -> Visibility:
        """Return who may find it: the network where nothing is said, or everybody."""
        found = self.choice("visibility", Visibility, Visibility.NETWORK)
        if found not in (Visibility.NETWORK, Visibility.PUBLIC):
            problem = _("Please choose one of these: {values}.").format(values="public, network")
            self.complain("visibility", problem, "visibility")
        return found

    def words(self, name: str, *, most: int, longest: int = 120) -> tuple[str, ...]:
        """Return a list of short texts, each once."""
        value = self._said.get(name) or []
        fits = isinstance(value, list) and all(isinstance(word, str) and word.strip() for word in value)
        if not fits or len(value) > most or any(len(word) > longest for word in value):
            problem = _("Please write a list of at most {count} short texts: [one, another].").format(count=most)
            self.complain(name, problem, "words")
            return ()
        return tuple(dict.fromkeys(" ".join(word.split()) for word in value))

    def keys(self, name: str, *, most: int) -> tuple[str, ...]:
        """Return a list of keys, each once."""
        found = self.words(name, most=most)
        if not all(_KEY.fullmatch(key) for key in found):
            problem = _("A key consists of small letters a to z, digits and dashes, such as “what-ai-is”.")
            self.complain(name, problem, "key")
        return found

    def entries(self, name: str, *, most: int) -> list["Fields"]:
        """Return the mappings of a list."""
        value = self._said.get(name) or []
        if not isinstance(value, list) or len(value) > most or not all(isinstance(entry, dict) for entry in value):
            problem = _("Please write a list of at most {count} entries with fields.").format(count=most)
            self.complain(name, problem, "entries")
            return []
        text, line = "\n".join(self._lines), self._first_line
        return [Fields(entry, text, line, self._problems) for entry in value]

    def inner(self, name: str) -> "Fields":
        """Return the mapping that a field is."""
        return Fields(self._said.get(name) or {}, "\n".join(self._lines), self._line_of(name), self._problems)
