"""What people write to others in the network: its findings are shown to the writer first, who decides about each."""

from collections.abc import Sequence
from dataclasses import dataclass

from starlette.datastructures import FormData

from hub.pages.contribution_parts import typed_texts
from hub.pages.review_parts import typed_in
from knowledge.kit.cleaning import clean_text
from knowledge.kit.language import _
from knowledge.personal_data.schemas import finding_word
from knowledge.review.comparing import Marked, marked
from knowledge.review.findings import Found, Place, find_in_fields, redacted

TEXT, PLACE, SEEN = "text", "stelle", "gesehen"


@dataclass(frozen=True, slots=True)
class FoundText:
    """Something that looks like personal data: ``place`` is what the form sends, ``kind`` what it looks like."""

    place: str
    text: str
    kind: str


@dataclass(frozen=True, slots=True)
class TypedText:
    """A text as it was typed, with what looks like personal data in it.

    ``parts`` is the text cut at its findings; ``unseen`` are findings that its writer has not decided about.
    """

    text: str = ""
    found: Sequence[FoundText] = ()
    parts: Sequence[Marked] = ()
    unseen: bool = False


def read_typed(form: FormData, name: str = TEXT) -> TypedText:
    """Return what was typed into a field, without what was ticked to be redacted."""
    text = clean_text(typed_in(form).get(name, ""))
    places = [place for place in map(Place.read, typed_texts(form, PLACE)) if place is not None]
    if places:
        fields, _count = redacted({TEXT: text}, places)
        text = str(fields[TEXT])
    return look_at(text, seen=typed_texts(form, SEEN))


def look_at(text: str, *, seen: Sequence[str] = ()) -> TypedText:
    """Return a text with its findings; those whose words are in ``seen`` were decided about."""
    found = find_in_fields({TEXT: text})
    lines = [_line(one) for one in found]
    unseen = any(line.text not in seen for line in lines)
    return TypedText(text, lines, marked(text, [one.finding for one in found]) if found else (), unseen)


def undecided() -> str:
    """Return why a text was not sent: its writer has to decide about what was found in it."""
    return _("This looks like personal data, so nothing is sent yet. Please decide about it.")


def _line(found: Found) -> FoundText:
    return FoundText(found.place.written, found.finding.text, finding_word(found.finding.kind))
