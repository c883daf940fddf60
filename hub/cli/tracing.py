"""How the trace of an answer reads in a terminal."""

from typing import Any

from knowledge.kit.language import _

SHOWN_PASSAGES = 10


def trace_text(trace: dict[str, Any]) -> str:
    """Return everything behind one answer as text."""
    outcome = _("answered") if trace["answered"] else _("nothing found with enough certainty")
    model = trace["model"] or _("none (words alone)")
    lines = [
        _("Question: {text}").format(text=trace["query"] or _("(erased)")),
        _("When: {moment}").format(moment=trace["created_at"]),
        _("Outcome: {outcome}; confidence {confidence:.3f}, answered from {line:.2f} on").format(
            outcome=outcome, confidence=trace["confidence"], line=trace["line"]
        ),
        _("Index: {version}; model: {model}; vectors: {state}").format(
            version=trace["index_version"], model=model, state=trace["vectors_state"]
        ),
        "",
        _("Shown"),
        *(f"  {item['title']}, {item['locator'] or item['source']}: {item['quote'] or '–'}" for item in trace["shown"]),
        "",
        _("Passages found (score = words / best words + weight × cosine)"),
        *(_passage(item) for item in trace["passages"][:SHOWN_PASSAGES]),
    ]
    return "\n".join(lines)


def _passage(item: dict[str, Any]) -> str:
    words = f"{item['words']:.2f}" if item["words"] is not None else "–"
    cosine = f"{item['cosine']:.3f}" if item["cosine"] is not None else "–"
    return f"  {item['score']:.3f}  ({words} / {cosine})  #{item['passage']}  {item['source']} v{item['version']}"
