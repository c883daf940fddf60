"""Reading YAML that somebody else wrote: small, flat, without references, and with lines for what is wrong."""

from collections.abc import Iterator
from typing import Any

import yaml

from knowledge.kit.language import _
from knowledge.lessons.errors import LessonInvalid, LessonProblem

# The one that is written in C, where there is one: it takes a tenth of the time.
_LOADER: type[yaml.SafeLoader | yaml.CSafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
LONGEST = 60_000
DEEPEST = 8


def read_yaml(text: str, *, first_line: int = 1, longest: int = LONGEST) -> Any:
    """Return what a YAML text says.

    Args:
        text: as it was written.
        first_line: the line of the file in which it begins.
        longest: the most characters that it may have.

    Raises LessonInvalid for what is no YAML, too long, nested too deeply, or refers to itself.
    """
    if len(text) > longest:
        problem = _("This is longer than {longest} characters.").format(longest=longest)
        raise LessonInvalid([LessonProblem(first_line, problem, "too_long")])
    try:
        _check_events(yaml.parse(text, Loader=_LOADER), first_line)
        return yaml.load(text, Loader=_LOADER)  # noqa: S506 - both are safe
    except yaml.MarkedYAMLError as error:
        raise _unreadable(first_line + _line_of(error)) from error
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise _unreadable(first_line) from error


def _line_of(error: yaml.MarkedYAMLError) -> int:
    mark = error.problem_mark
    return 0 if mark is None else int(mark.line)


def _unreadable(line: int) -> LessonInvalid:
    problem = _("This cannot be read as YAML. Please put texts with a colon or quotation marks in single quotes.")
    return LessonInvalid([LessonProblem(line, problem, "yaml")])


def _check_events(events: Iterator[yaml.Event], first_line: int) -> None:
    depth = 0
    for event in events:
        line = first_line + (event.start_mark.line if event.start_mark is not None else 0)
        if isinstance(event, yaml.AliasEvent):
            problem = _("References (&name, *name) are not allowed here.")
            raise LessonInvalid([LessonProblem(line, problem, "yaml_reference")])
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > DEEPEST:
            raise LessonInvalid([LessonProblem(line, _("This is nested too deeply."), "too_deep")])
