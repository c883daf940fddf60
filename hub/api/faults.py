"""What the validation of a request found, in words for people and names for programs."""

from collections.abc import Mapping
from typing import Any

from fastapi.exceptions import RequestValidationError

from hub.api.problems import Fault
from knowledge.kit.language import _

LONGEST_PLACE, MOST = 300, 50


def faults_of(error: RequestValidationError) -> list[Fault]:
    """Return what is wrong with a request; never what was sent."""
    return [_fault(found) for found in error.errors()[:MOST]]


def _fault(found: Mapping[str, Any]) -> Fault:
    kind = str(found["type"])
    place = ".".join(str(step) for step in found["loc"]).encode("utf-8", "replace").decode()
    return Fault(place=place[:LONGEST_PLACE], kind=kind, detail=_detail(kind, found.get("ctx") or {}))


def _detail(kind: str, context: Mapping[str, Any]) -> str:
    texts = {
        "missing": _("This is missing."),
        "extra_forbidden": _("There is no such field."),
        "string_too_long": _("This is too long: at most {count} characters."),
        "string_too_short": _("This is too short: at least {count} characters."),
        "too_long": _("These are too many: at most {count}."),
        "too_short": _("These are too few: at least {count}."),
        "less_than_equal": _("This is too much: at most {count}."),
        "greater_than_equal": _("This is too little: at least {count}."),
        "enum": _("This is none of the values to choose from."),
        "literal_error": _("This is none of the values to choose from."),
        "json_invalid": _("This is not JSON."),
    }
    limits = ("max_length", "min_length", "le", "ge")
    count = next((context[name] for name in limits if name in context), "")
    return texts.get(kind, _("This does not have the form that is needed here.")).format(count=count)
