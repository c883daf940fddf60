"""What an experience says of itself beside its text, in the words of an answer: how far it came, whether again."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from knowledge.kit.language import _
from knowledge.models.document import Document, Kind
from knowledge.models.organisation import Organisation

# Upper ends of size classes by population, as German statistics cut them for municipalities.
SIZES = (2_000, 5_000, 10_000, 20_000, 50_000, 100_000, 500_000)


class Progress(StrEnum):
    """How far something has come; failures are welcome and said to be."""

    IDEA = "idea"
    TRIAL = "trial"
    RUNNING = "running"
    ENDED = "ended"
    FAILED = "failed"


class Again(StrEnum):
    """Whether they would do it again."""

    YES = "yes"
    WITH_CHANGES = "with_changes"
    NO = "no"


def value_label(value: Progress | Again) -> str:
    """Return what a value of a field with choices is called."""
    labels: dict[StrEnum, str] = {
        Progress.IDEA: _("Idea"),
        Progress.TRIAL: _("Trial"),
        Progress.RUNNING: _("Running"),
        Progress.ENDED: _("Ended"),
        Progress.FAILED: _("Failed"),
        Again.YES: _("Yes"),
        Again.WITH_CHANGES: _("With changes"),
        Again.NO: _("No"),
    }
    return labels[value]


def facts(document: Document, organisation: Organisation | None) -> list[str]:
    """Return in words what to know of an experience: the organisation's size, how far it came, whether again."""
    if document.kind is not Kind.EXPERIENCE:
        return []
    size = size_text(organisation.population) if organisation and organisation.population else None
    return [said for said in (size, *_said(document.details)) if said]


def _said(details: Mapping[str, Any]) -> list[str | None]:
    progress = {
        Progress.IDEA: _("an idea so far"),
        Progress.TRIAL: _("being tried"),
        Progress.RUNNING: _("running"),
        Progress.ENDED: _("ended"),
        Progress.FAILED: _("failed"),
    }
    again = {
        Again.YES: _("they would do it again"),
        Again.WITH_CHANGES: _("they would do it again with changes"),
        Again.NO: _("they would not do it again"),
    }
    return [progress.get(details.get("status", "")), again.get(details.get("would_do_again", ""))]


def size_text(population: int) -> str:
    """Return the size class of a population in words."""
    lower, upper = size_class(population)
    if upper is None:
        return _("more than {count} inhabitants").format(count=_grouped(lower))
    if not lower:
        return _("up to {count} inhabitants").format(count=_grouped(upper))
    return _("{lower} to {upper} inhabitants").format(lower=_grouped(lower), upper=_grouped(upper))


def size_class(population: int) -> tuple[int, int | None]:
    """Return the size class of a population: from how many, and up to how many (``None``: no upper end)."""
    lower = 0
    for upper in SIZES:
        if population <= upper:
            return lower, upper
        lower = upper
    return lower, None


def _grouped(number: int) -> str:
    from babel.numbers import format_decimal

    from knowledge.kit.language import current_language

    return format_decimal(number, locale=current_language())
