"""A contribution as the bot will quote it once it is published."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from knowledge.contributions.publishing import details_of, experience_blocks, year_of
from knowledge.contributions.schemas import ContributionEntry
from knowledge.kit.clock import now
from knowledge.library.experiences import facts
from knowledge.library.text.passages import split_passages
from knowledge.library.text.sentences import split_sentences
from knowledge.models.contribution import Attribution
from knowledge.models.document import Document, Kind
from knowledge.models.organisation import Organisation

# About as much as an answer quotes of one passage.
QUOTED = 330


@dataclass(frozen=True, slots=True)
class Preview:
    """What an answer says of a document: its title, whose it is, the year, facts in words, and a quotation."""

    title: str
    by: str | None
    year: int
    facts: Sequence[str]
    quote: str


def preview_of(entry: ContributionEntry, organisation: Organisation | None) -> Preview:
    """Return how a contribution in the fields of an experience will be quoted."""
    is_named = entry.attribution is Attribution.ORGANISATION
    document = Document(kind=Kind.EXPERIENCE, details=details_of(entry.fields))
    return Preview(
        title=entry.title,
        by=(organisation.name if organisation else None) if is_named else entry.described_as,
        year=year_of(str(entry.fields.get("period", ""))) or (entry.submitted_at or now()).year,
        facts=facts(document, organisation if is_named else None),
        quote=_quotation(entry),
    )


def _quotation(entry: ContributionEntry) -> str:
    """Return the first whole sentences that can be quoted of what was done."""
    done = replace(entry, fields={name: entry.fields.get(name) for name in ("title", "done")})
    passages = [passage for passage in split_passages(experience_blocks(done)) if passage.quotable]
    text = next((passage.text for passage in passages), "")
    end = 0
    for span in split_sentences(text):
        if end and span.end > QUOTED:
            break
        end = span.end
    return text[:end]
