"""Personal data in what somebody tells: shown one after the other, and taken out one after the other."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from bot.core.dialogue import Draft, Prompt
from bot.core.messages import Choice
from bot.core.text import Span, bold, note, paragraph, quote, rich
from bot.core.turn import Turn
from bot.handlers.experience_draft import fields_of, help_blocks, later_choice, missed, note_hit, note_miss
from bot.handlers.experience_text import named_fields
from knowledge.contributions.checking import label_of
from knowledge.kit.language import _, ngettext
from knowledge.personal_data.finder import find_personal_data
from knowledge.personal_data.schemas import Finding, finding_word, redact

REDACT, KEEP, ALL = ":redact", ":keep", ":all"
# Characters of the text around a finding that are shown with it.
AROUND = 60


@dataclass(frozen=True, slots=True)
class Found:
    """A finding in a field; ``part`` is the word of a list that it is in."""

    name: str
    finding: Finding
    text: str
    part: int | None = None


def open_findings(draft: Draft) -> list[Found]:
    """Return what looks like personal data and was not decided yet."""
    kept = {tuple(pair) for pair in draft.data.get("kept", [])}
    return [found for found in _all(fields_of(draft)) if (found.finding.kind.value, found.finding.text) not in kept]


def _all(fields: dict[str, Any]) -> Iterator[Found]:
    for name in named_fields(fields):
        value = fields[name]
        if isinstance(value, list):
            for number, part in enumerate(value):
                yield from (Found(name, finding, part, number) for finding in find_personal_data(part))
        elif isinstance(value, str):
            yield from (Found(name, finding, value) for finding in find_personal_data(value))


async def ask_personal(turn: Turn, draft: Draft) -> Prompt:
    """Show the next finding and ask what shall become of it."""
    findings = open_findings(draft)
    found = findings[0]
    counted = ngettext(
        "This looks like personal data. There is {count} place.",
        "This looks like personal data. There are {count} places.",
        len(findings),
    )
    choices = [Choice(REDACT, _("Redact"), "🖍️"), Choice(KEEP, _("Leave it"), "👌")]
    if len(findings) > 1:
        choices.append(Choice(ALL, _("Redact all"), "🧽"))
    head = [] if missed(draft) else [paragraph(counted.format(count=len(findings)))]
    text = rich(
        *help_blocks(turn, draft),
        *head,
        paragraph(bold(f"{finding_word(found.finding.kind)}: "), found.finding.text),
        quote(f"{label_of(found.name)}: ", *_context(found)),
        note(_("What you leave is up to you; the moderators see it marked.")),
    )
    return Prompt(text, (*choices, later_choice()))


def _context(found: Found) -> tuple[str | Span, ...]:
    """Return the words around a finding, with the finding marked."""
    start, end = found.finding.start, found.finding.end
    before, after = found.text[max(0, start - AROUND) : start], found.text[end : end + AROUND]
    left = "… " if start > AROUND else ""
    right = " …" if end + AROUND < len(found.text) else ""
    return left + before, bold(found.text[start:end]), after + right


def take_personal(draft: Draft, answer: str) -> None:
    """Do with the next finding, or with all of them, what was chosen; anything else is a miss."""
    findings = open_findings(draft)
    if not findings:
        return
    if answer == ALL:
        for found in reversed(findings):
            _redact(draft, found)
    elif answer == REDACT:
        _redact(draft, findings[0])
    elif answer == KEEP:
        _keep(draft, findings[0])
    else:
        note_miss(draft, _("Please choose what shall become of this place."))
        return
    note_hit(draft)


def _redact(draft: Draft, found: Found) -> None:
    """Take a finding out; what is still found in its place, word for word, stays as it is now."""
    fields = fields_of(draft)
    if found.part is None:
        fields[found.name] = redact(fields[found.name], found.finding)
        changed = fields[found.name]
    else:
        fields[found.name][found.part] = redact(fields[found.name][found.part], found.finding)
        changed = fields[found.name][found.part]
    if changed == found.text:
        _keep(draft, found)


def _keep(draft: Draft, found: Found) -> None:
    pair = [found.finding.kind.value, found.finding.text]
    kept = draft.data.setdefault("kept", [])
    if pair not in kept:
        kept.append(pair)
