"""The fields of an experience: their order, what is asked, which are needed, and what they may hold."""

from dataclasses import dataclass

from knowledge.kit.language import _
from knowledge.library.experiences import Again, Progress, value_label

__all__ = ["BY_NAME", "FIELDS", "MOST_TOPICS", "NEEDED", "Again", "Field", "Progress", "field_label", "value_label"]


@dataclass(frozen=True, slots=True)
class Field:
    """One field: ``name`` in the data, whether it is needed, how long it may be, and what it may hold if not a text."""

    name: str
    needed: bool = False
    longest: int = 6000
    values: type[Progress] | type[Again] | None = None
    # Several short words, kept as a list.
    is_list: bool = False


# In the order in which they are asked and read.
FIELDS = (
    Field("title", needed=True, longest=200),
    Field("situation"),
    Field("done", needed=True),
    Field("outcome", needed=True),
    Field("differently"),
    Field("status", values=Progress),
    Field("period", longest=200),
    Field("costs"),
    Field("products"),
    Field("data_used"),
    Field("legal"),
    Field("again", values=Again),
    Field("fits"),
    Field("topics", longest=60, is_list=True),
    Field("contact", longest=300),
)
BY_NAME = {field.name: field for field in FIELDS}
NEEDED = tuple(field.name for field in FIELDS if field.needed)
MOST_TOPICS = 10


def field_label(name: str) -> str:
    """Return what a field is called, as heading in forms and in the published text."""
    labels = {
        "title": _("Title"),
        "situation": _("Situation"),
        "done": _("What we did"),
        "outcome": _("What came of it"),
        "differently": _("What we would do differently"),
        "status": _("Status"),
        "period": _("Period"),
        "costs": _("Costs, effort and funding"),
        "products": _("Products and partners"),
        "data_used": _("Data used"),
        "legal": _("Legal basis, works agreement and how staff were involved"),
        "again": _("Would we do it again?"),
        "fits": _("For whom it fits"),
        "topics": _("Topics"),
        "contact": _("Who may be asked"),
    }
    return labels[name]
