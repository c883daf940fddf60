"""How an answer reads: quotations first, then where they come from, short enough for a phone's screen."""

from knowledge.kit.language import _
from knowledge.library.answers.schemas import Citation, Reply

# Below this share a careful person should look twice.
HIGH, MEDIUM = 0.9, 0.7


def answer_text(reply: Reply) -> str:
    """Return a reply as plain text in the current language."""
    parts = _answer(reply) if reply.answered else _abstention(reply)
    return "\n\n".join(part for part in (*parts, *(f"({hint})" for hint in reply.hints)) if part)


def _answer(reply: Reply) -> list[str]:
    sources = "\n".join(_source(citation, number) for number, citation in enumerate(reply.citations, start=1))
    return [
        reply.text,
        _("Sources") + f"\n{sources}",
        _("Put together automatically from quotations. Reliability: {word}.").format(
            word=_reliability(reply.confidence)
        ),
    ]


def _abstention(reply: Reply) -> list[str]:
    parts = [reply.text]
    if reply.suggestions:
        listed = "\n".join(_source(citation, None) for citation in reply.suggestions)
        parts.append(_("This may help:") + f"\n{listed}")
    return parts


def _source(citation: Citation, number: int | None) -> str:
    mark = f"[{number}] " if number is not None else "· "
    lines = [f"{mark}{describe_source(citation)}"]
    notes = (_("Please note: {note}").format(note=note) for note in citation.notes)
    lines += [f"    {line}" for line in (citation.url, *notes) if line]
    return "\n".join(lines)


def describe_source(citation: Citation) -> str:
    """Return title, publisher or organisation, year and place of a citation in one line."""
    by = citation.organisation or citation.publisher
    published = " ".join(str(part) for part in (by, citation.year) if part)
    parts = (" ".join(part.split()) for part in (citation.title, published, citation.locator) if part)
    return ", ".join(part for part in parts if part)


def _reliability(confidence: float) -> str:
    if confidence >= HIGH:
        return _("high")
    return _("medium") if confidence >= MEDIUM else _("please check")
