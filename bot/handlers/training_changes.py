"""What changed in a training, in words, with what it is now."""

from collections.abc import Sequence

from bot.core.answer_text import cut_at_sentence, echo
from bot.core.text import Block, Span, bold, item, link, note
from bot.handlers.training_moments import moment_text, span_text
from bot.handlers.training_text import LONGEST_FACT, MOST_DATES, hides_spot, level_word
from knowledge.kit.language import _, ngettext
from knowledge.models.chat import Network
from knowledge.organisations.states import state_name
from knowledge.peers.profile import language_name
from knowledge.trainings.checking import field_label
from knowledge.trainings.schemas import TrainingEntry

# Only those with a place are told of these.
_SPOT = ("place", "link")
# What a change of them means stands in other fields, or is no matter of those who come.
_SILENT = frozenset({"district_key", "questions", "topics", "visibility", "waiting_list", "offer_hours"})


def changed_blocks(entry: TrainingEntry, fields: Sequence[str], network: Network) -> list[Block]:
    """Return a line for each field that changed, with what it says now; none for what its reader may not know."""
    blocks: list[Block] = []
    for name in fields:
        if name in _SILENT or (name in _SPOT and not entry.shows_place):
            continue
        if name in _SPOT and hides_spot(network, entry):
            blocks.append(item(bold(f"{field_label(name)}: "), _("see the hub")))
        elif name == "dates":
            blocks += _dates(entry)
        else:
            blocks.append(item(bold(f"{field_label(name)}: "), _value(entry, name)))
    return blocks


def _dates(entry: TrainingEntry) -> list[Block]:
    lines = [item(bold(f"{field_label('dates')}: "), _("these hold now:"))]
    lines += [item(span_text(one.starts_at, one.ends_at)) for one in entry.dates[:MOST_DATES]]
    left = len(entry.dates) - MOST_DATES
    if left > 0:
        lines.append(item(ngettext("and {count} more date", "and {count} more dates", left).format(count=left)))
    return [*lines, note(_("A new calendar file has them, too."))]


def _value(entry: TrainingEntry, name: str) -> str | Span:
    """Return what a field says now."""
    if name == "link" and entry.link:
        return link(entry.link, entry.link)
    if name == "deadline":
        return moment_text(entry.deadline) if entry.deadline is not None else _("until it begins")
    words = {
        "online": _("online") if entry.online else _("on site"),
        "capacity": str(entry.capacity) if entry.capacity is not None else _("as many as want to"),
        "level": level_word(entry.level),
        "language": language_name(entry.language),
        "state_key": state_name(entry.state_key) or _("none"),
    }
    return words[name] if name in words else _text(entry, name)


def _text(entry: TrainingEntry, name: str) -> str:
    value = getattr(entry, name, "")
    return cut_at_sentence(echo(value, LONGEST_FACT), LONGEST_FACT) if isinstance(value, str) and value else _("none")
