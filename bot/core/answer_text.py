"""How an answer reads: quotations first, then where they come from, short enough for a phone's screen."""

from collections.abc import Sequence
from dataclasses import replace

from bot.core.text import Block, RichText, Span, bold, heading, item, link, note, paragraph, quote, rich
from knowledge.kit.language import _
from knowledge.library.answers.schemas import Citation, PreparedAnswer, Reply
from knowledge.library.text.sentences import split_sentences

# Below this share a careful person should look twice.
HIGH, MEDIUM = 0.9, 0.7
# Characters of one answer on a phone, and of the quotations in it; what is left out is behind „Mehr dazu".
PHONE, QUOTED = 900, 560
CUT = " …"
LINKS = ("http://", "https://")
# Titles and notes of a source are cut here: nobody writes longer ones in earnest.
LONGEST_SOURCE, LONGEST_ADDRESS = 300, 2000


def answer_text(reply: Reply) -> str:
    """Return a reply as plain text in the current language."""
    parts = _answer(reply) if reply.answered else _abstention(reply)
    return "\n\n".join(part for part in (*parts, *(f"({hint})" for hint in reply.hints)) if part)


def _answer(reply: Reply) -> list[str]:
    first = {citation.document: number for number, citation in reversed([*enumerate(reply.citations, start=1)])}
    sources = "\n".join(
        _source(citation, number, with_facts=first[citation.document] == number)
        for number, citation in enumerate(reply.citations, start=1)
    )
    return [reply.text, _("Sources") + f"\n{sources}", _label(reply)]


def _label(reply: Reply) -> str:
    return _("Put together automatically from quotations. Reliability: {word}.").format(
        word=_reliability(reply.confidence)
    )


def _abstention(reply: Reply) -> list[str]:
    parts = [reply.text]
    if reply.suggestions:
        listed = "\n".join(_source(citation, None) for citation in reply.suggestions)
        parts.append(_("This may help:") + f"\n{listed}")
    return parts


def _source(citation: Citation, number: int | None, *, with_facts: bool = True) -> str:
    mark = f"[{number}] " if number is not None else "· "
    lines = [f"{mark}{describe_source(citation)}"]
    notes = (_("Please note: {note}").format(note=note) for note in citation.notes)
    lines += [f"    {line}" for line in (facts_line(citation) if with_facts else "", citation.url, *notes) if line]
    return "\n".join(lines)


def describe_source(citation: Citation) -> str:
    """Return title, publisher or organisation, year and place of a citation in one line."""
    parts = (_one_line(citation.title), *_described(citation))
    return ", ".join(part for part in parts if part)


def _described(citation: Citation) -> tuple[str, str]:
    """Return whose a source is and from when, and the place in it."""
    by = citation.organisation or citation.publisher
    published = " ".join(str(part) for part in (by, citation.year) if part)
    return _one_line(published), _one_line(citation.locator or "")


def facts_line(citation: Citation) -> str:
    """Return what to know of an experience in one line; nothing for other documents."""
    return _one_line(" · ".join(citation.facts))


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _reliability(confidence: float) -> str:
    if confidence >= HIGH:
        return _("high")
    return _("medium") if confidence >= MEDIUM else _("please check")


def phone_sized(prepared: PreparedAnswer) -> PreparedAnswer:
    """Return an answer with no more quotations than a phone's screen takes; its trace says what is shown now."""
    reply = prepared.reply
    if not reply.answered:
        return prepared
    kept: list[Citation] = []
    for citation in reply.citations:
        short = citation if kept else _shortened(citation)
        if kept and _is_too_long(replace(reply, citations=[*kept, short])):
            break
        kept.append(short)
    shown = [{**said, "quote": kept[place].quote} for place, said in enumerate(prepared.trace["shown"][: len(kept)])]
    return replace(prepared, reply=replace(reply, citations=kept), trace={**prepared.trace, "shown": shown})


def _is_too_long(reply: Reply) -> bool:
    quoted = sum(len(citation.quote or "") for citation in reply.citations)
    return quoted > QUOTED or len(rich_answer(reply).plain) > PHONE


def _shortened(citation: Citation) -> Citation:
    return replace(citation, quote=cut_at_sentence(citation.quote, QUOTED)) if citation.quote else citation


def cut_at_sentence(text: str, limit: int) -> str:
    """Return as many whole sentences of ``text`` as fit, at least the beginning of the first one."""
    if len(text) <= limit:
        return text
    end = max((span.end for span in split_sentences(text) if span.end <= limit), default=0)
    if not end:
        end = text.rfind(" ", 0, limit) if " " in text[:limit] else limit
    return text[:end].rstrip() + CUT


def echo(question: str, limit: int) -> str:
    """Return what somebody asked in one line, without signs that nobody sees, for others to read."""
    return cut_at_sentence(_one_line("".join(sign for sign in question if sign.isprintable() or sign.isspace())), limit)


def rich_answer(reply: Reply) -> RichText:
    """Return a reply as it is said in a chat: quotations, sources, what to mind, and the label."""
    blocks = _answer_blocks(reply) if reply.answered else _abstention_blocks(reply)
    return rich(*blocks, *(note(hint) for hint in reply.hints))


def _answer_blocks(reply: Reply) -> list[Block]:
    several = len(reply.citations) > 1
    marks = [f"[{number}]" if several else "" for number in range(1, len(reply.citations) + 1)]
    return [
        *map(paragraph, reply.lead),
        *quotation_blocks(reply.citations, marks),
        *source_blocks(reply.citations, marks),
        note(_label(reply)),
    ]


def quotation_blocks(citations: Sequence[Citation], marks: Sequence[str]) -> list[Block]:
    """Return what is quoted, each quotation with its mark; a source that may only be linked to says so."""
    blocks = []
    for citation, mark in zip(citations, marks, strict=True):
        if citation.quote:
            blocks.append(quote(f"„{citation.quote}“ {mark}".rstrip()))
        else:
            blocks.append(paragraph(_("See {source}.").format(source=mark or _one_line(citation.title))))
    return blocks


def source_blocks(citations: Sequence[Citation], marks: Sequence[str]) -> list[Block]:
    """Return the sources: one in a line, several as a list; a document that is quoted in several places once."""
    by_document: dict[str, list[tuple[Citation, str]]] = {}
    for citation, mark in zip(citations, marks, strict=True):
        by_document.setdefault(citation.document, []).append((citation, mark))
    sources = list(by_document.values())
    if len(sources) == 1:
        return [paragraph(_("Source") + ": ", *_spans(sources[0]))]
    return [heading(_("Sources")), *(item(*_spans(source)) for source in sources)]


def _spans(source: Sequence[tuple[Citation, str]]) -> list[Span]:
    """Return a source in one block: title (a link, where there is one), whose, from when, where in it, and notes."""
    citation, mark = source[0]
    if len(source) == 1:
        return [*([Span(f"{mark} ")] if mark else []), *_title_spans(citation, with_place=True), *_notes(citation)]
    places = [f"\n{mark} {_described(other)[1]}".rstrip() for other, mark in source]
    return [*_title_spans(citation, with_place=False), *map(Span, places), *_notes(citation)]


def _title_spans(citation: Citation, *, with_place: bool) -> list[Span]:
    title = _one_line(citation.title)[:LONGEST_SOURCE] or _("Untitled")
    published, place = _described(citation)
    described = ", ".join(part[:LONGEST_SOURCE] for part in (published, place if with_place else "") if part)
    url = citation.url if _is_link(citation.url) else None
    return [link(title, url) if url else bold(title), *([Span(f", {described}")] if described else [])]


def _notes(citation: Citation) -> list[Span]:
    facts = [Span("\n" + facts_line(citation))] if citation.facts else []
    return [*facts, *(Span("\n" + _("Please note: {note}").format(note=said)) for said in citation.notes)]


def _is_link(url: str | None) -> bool:
    if url is None or len(url) > LONGEST_ADDRESS or not url.isprintable() or " " in url:
        return False
    return url.lower().startswith(LINKS)


def _abstention_blocks(reply: Reply) -> list[Block]:
    if reply.lead:
        listed = [item(*_spans([(citation, "")])) for citation in reply.suggestions]
        return [*map(paragraph, reply.lead), *([paragraph(_("This may help:")), *listed] if listed else [])]
    if not reply.suggestions:
        return [paragraph(_("The network does not know anything about this yet. Perhaps other words help."))]
    return [
        paragraph(_("I found no answer that is certain enough. This may help:")),
        *(item(*_spans([(citation, "")])) for citation in reply.suggestions),
    ]
