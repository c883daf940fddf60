"""One pasted text, or the text of a file, into the fields of an experience; nothing of it is lost.

Headings and cues at the beginning of a line („Kosten: …") say which field follows. What stands under no heading that
we know, and what a field cannot hold, goes to „what we did".
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from dataclasses import field as dataclass_field
from typing import Any

from knowledge.contributions.fields import BY_NAME, MOST_TOPICS, Again, Progress
from knowledge.kit.cleaning import clean_line, clean_text
from knowledge.library.files.blocks import Block

# By field: how headings begin, folded. The longest that fits counts.
_CUES: Mapping[str, tuple[str, ...]] = {
    "title": ("titel", "title", "überschrift", "thema der erfahrung"),
    "situation": (
        "ausgangslage",
        "ausgangssituation",
        "ausgangspunkt",
        "hintergrund",
        "anlass",
        "problem",
        "situation",
        "worum es ging",
        "worum ging es",
        "starting point",
        "background",
    ),
    "done": (
        "was wir getan haben",
        "was wir gemacht haben",
        "was haben wir getan",
        "was haben wir gemacht",
        "was wurde getan",
        "was wurde gemacht",
        "vorgehen",
        "vorgehensweise",
        "umsetzung",
        "lösung",
        "maßnahme",
        "maßnahmen",
        "durchführung",
        "what we did",
        "approach",
        "implementation",
    ),
    "outcome": (
        "was dabei herauskam",
        "was herauskam",
        "was kam heraus",
        "was kam dabei heraus",
        "was hat es gebracht",
        "ergebnis",
        "ergebnisse",
        "wirkung",
        "erfolg",
        "resultat",
        "what came of it",
        "result",
        "results",
        "outcome",
    ),
    "differently": (
        "was wir anders machen würden",
        "was wir heute anders machen würden",
        "was würden wir anders machen",
        "was wir anders machen",
        "was wir gelernt haben",
        "lehren",
        "lessons learned",
        "lernpunkte",
        "fazit",
        "stolpersteine",
        "what we would do differently",
    ),
    "status": ("status", "stand", "projektstatus"),
    "period": ("zeitraum", "laufzeit", "dauer", "projektzeitraum", "period", "duration"),
    "costs": (
        "kosten und aufwand",
        "kosten",
        "aufwand",
        "aufwand und kosten",
        "förderung",
        "fördermittel",
        "förderprogramm",
        "finanzierung",
        "budget",
        "costs",
        "cost",
        "effort",
        "funding",
    ),
    "products": (
        "produkte und partner",
        "produkte",
        "produkt",
        "partner",
        "dienstleister",
        "anbieter",
        "hersteller",
        "software",
        "products",
        "partners",
    ),
    "data_used": ("daten", "genutzte daten", "verwendete daten", "datengrundlage", "datenquellen", "data used", "data"),
    "legal": (
        "recht und beteiligung",
        "rechtsgrundlage",
        "rechtliches",
        "rechtliche grundlage",
        "recht",
        "dienstvereinbarung",
        "personalrat",
        "beteiligung",
        "datenschutz",
        "mitbestimmung",
        "legal basis",
        "works agreement",
    ),
    "again": (
        "würden wir es wieder tun",
        "würden wir es wieder machen",
        "wieder machen",
        "noch einmal",
        "would we do it again",
        "would do again",
    ),
    "fits": ("für wen es passt", "für wen passt es", "für wen", "übertragbarkeit", "geeignet für", "for whom it fits"),
    "topics": ("themen", "schlagworte", "schlagwörter", "stichworte", "tags", "topics", "keywords"),
    "contact": (
        "ansprechperson",
        "ansprechpartner",
        "ansprechpartnerin",
        "kontakt",
        "wer gefragt werden darf",
        "contact",
    ),
}
_BY_CUE = {cue: name for name, cues in _CUES.items() for cue in cues}
_LONGEST_CUE = max(map(len, _BY_CUE))
_CHOICES: Mapping[str, Mapping[str, str]] = {
    "status": {
        "idee": Progress.IDEA,
        "idea": Progress.IDEA,
        "test": Progress.TRIAL,
        "erprobung": Progress.TRIAL,
        "versuch": Progress.TRIAL,
        "pilot": Progress.TRIAL,
        "pilotbetrieb": Progress.TRIAL,
        "trial": Progress.TRIAL,
        "läuft": Progress.RUNNING,
        "laufend": Progress.RUNNING,
        "im betrieb": Progress.RUNNING,
        "running": Progress.RUNNING,
        "beendet": Progress.ENDED,
        "abgeschlossen": Progress.ENDED,
        "ended": Progress.ENDED,
        "gescheitert": Progress.FAILED,
        "eingestellt": Progress.FAILED,
        "abgebrochen": Progress.FAILED,
        "failed": Progress.FAILED,
    },
    "again": {
        "ja": Again.YES,
        "yes": Again.YES,
        "mit änderungen": Again.WITH_CHANGES,
        "ja, mit änderungen": Again.WITH_CHANGES,
        "with changes": Again.WITH_CHANGES,
        "nein": Again.NO,
        "no": Again.NO,
    },
}
# Fields of several things, whose headings say which of them: there, the heading stays with its text …
_TELLING = frozenset({"costs", "products", "legal"})
# … unless it says no more than the field does.
_SAME_AS_FIELD = frozenset(
    {"kosten und aufwand", "kosten", "costs", "produkte und partner", "recht und beteiligung", "recht", "rechtliches"}
)
# „## Kosten", „**Kosten:** 300 Euro", „3. Kosten", „Kosten – 300 Euro".
_MARKS = re.compile(r"^\s*(?:#{1,6}\s*|(?:\d{1,2}|[a-z])[.)]\s+)?[*_]{0,3}\s*")
_PLAIN_CUE = re.compile(r"^([^:–—*_?]{2,60}?)\s*([*_]{0,3}\s*[:–—?]\s*[*_]{0,3}|[*_]{1,3}\s*:?|$)\s*[*_]{0,3}\s*(.*)$")
_LONGEST_HEADING = 200
_WORDS = re.compile(r"[,;\n]")


@dataclass(slots=True)
class _Section:
    """What stands under one heading; ``cue`` is the heading as it was written."""

    field: str
    cue: str = ""
    lines: list[str] = dataclass_field(default_factory=list)

    @property
    def text(self) -> str:
        """What it says."""
        return clean_text("\n".join(self.lines))

    @property
    def labelled(self) -> str:
        """What it says, with its heading."""
        return f"{self.cue}: {self.text}" if self.cue and self.text else self.cue or self.text


def split_into_fields(text: str) -> dict[str, Any]:
    """Return the fields of an experience that a text holds.

    The first line is the title, unless it is a heading of ours. What matches nothing goes to „done".
    """
    lines = clean_text(text).split("\n")
    fields: dict[str, Any] = {}
    if title := _first_line(lines):
        fields["title"], lines = title, lines[1:]
    for section in _sections(lines):
        _put(fields, section)
    return fields


def _sections(lines: Iterable[str]) -> Iterator[_Section]:
    section = _Section("done")
    for line in lines:
        found = _cue(line)
        if found is None and not line.startswith("#"):
            section.lines.append(line)
            continue
        yield section
        name, cue, rest = found or ("done", "", line.lstrip("# "))
        section = _Section(name, cue, [rest])
    yield section


def _put(fields: dict[str, Any], section: _Section) -> None:
    """Add what a section says to its field, or to what was done where the field cannot hold it."""
    if not section.text:
        return
    value = _value(section.field, section.text)
    if value is None or (section.field in fields and not _is_long(section.field)):
        _add(fields, "done", section.labelled)
    elif _is_long(section.field):
        tells_more = section.field in _TELLING and section.cue.casefold() not in _SAME_AS_FIELD
        _add(fields, section.field, section.labelled if tells_more else section.text)
    else:
        fields[section.field] = value


def _add(fields: dict[str, Any], name: str, text: str) -> None:
    fields[name] = "\n\n".join(filter(None, [fields.get(name), text]))


def _is_long(name: str) -> bool:
    field = BY_NAME[name]
    return field.values is None and not field.is_list and field.longest > 300


def text_of_blocks(blocks: Iterable[Block], title: str | None = None) -> str:
    """Return the text of a file for ``split_into_fields``, with its headings marked."""
    parts = [title] if title else []
    for block in blocks:
        if block.kind == "heading":
            parts.append(f"{'#' * (block.level or 1)} {block.text}")
        elif block.kind == "list":
            parts.append("\n".join(f"- {item}" for item in block.text.split("\n")))
        else:
            parts.append(block.text)
    return "\n\n".join(parts)


def _first_line(lines: list[str]) -> str | None:
    """Return the first line where it can be the title."""
    if not lines or _cue(lines[0]) is not None:
        return None
    title = clean_line(_MARKS.sub("", lines[0]).strip("*_ "))
    return title if 0 < len(title) <= BY_NAME["title"].longest else None


def _cue(line: str) -> tuple[str, str, str] | None:
    """Return the field that a line begins, its heading, and what of its text follows on the line."""
    marked = _MARKS.match(line)
    rest = line[marked.end() :] if marked else line
    found = _PLAIN_CUE.match(rest.rstrip())
    if found is None or len(found[1]) > _LONGEST_CUE + 10:
        return None
    name = _BY_CUE.get(found[1].strip().casefold().removeprefix("der ").removeprefix("die "))
    return (name, found[1].strip(), found[3]) if name else None


def _value(name: str, text: str) -> Any:
    if name in _CHOICES:
        said = _CHOICES[name].get(text.casefold().strip(" .!"))
        return str(said) if said else None
    field = BY_NAME[name]
    if field.is_list:
        words = [word for word in map(clean_line, _WORDS.split(text)) if word]
        fits = 0 < len(words) <= MOST_TOPICS and all(len(word) <= field.longest for word in words)
        return words if fits else None
    # What is longer than its field is shown for correction, not cut.
    if field.longest <= 300:
        line = clean_line(text)
        return line if 0 < len(line) <= field.longest else None
    return text or None
