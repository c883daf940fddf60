"""Contributions as the API takes and gives them."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from pydantic import Field

from hub.api.schemas import Sent, Shown
from knowledge.contributions.checking import LONGEST_MESSAGE, LONGEST_QUOTE, LONGEST_SUGGESTION
from knowledge.contributions.fields import BY_NAME, MOST_TOPICS, Again, Progress
from knowledge.contributions.schemas import ContributionEntry, Wishes
from knowledge.models.contribution import Attribution, ContributionKind, ContributionState
from knowledge.models.document import Visibility
from knowledge.review.findings import find_in_fields

# Circles that one contribution can be for.
MOST_CIRCLES = 50


def _text(name: str, description: str, example: str = "") -> Any:
    examples = [example] if example else None
    return Field(None, max_length=BY_NAME[name].longest, description=description, examples=examples)


class ContributionFields(Sent):
    """The words of an experience; what is `null` or empty takes a field away, what is left out stays.

    A correction of anything but one's own experience has `suggestion` and `quote` instead.
    """

    title: str | None = _text("title", "What it is called; needed.", "Drohnen in der Bauaufsicht")
    situation: str | None = _text("situation", "How things were.")
    done: str | None = _text("done", "What was done; needed.", "Wir haben eine Drohne gekauft.")
    outcome: str | None = _text("outcome", "What came of it; needed.", "Kontrollen gehen schneller.")
    differently: str | None = _text("differently", "What one would do differently.")
    status: Progress | None = Field(None, description="How far it came.")
    period: str | None = _text("period", "When it was.", "2023 bis 2024")
    costs: str | None = _text("costs", "Costs, effort and funding.", "8.400 Euro")
    products: str | None = _text("products", "Products and partners.")
    data_used: str | None = _text("data_used", "What data was used.")
    legal: str | None = _text("legal", "Legal basis, works agreement and how staff were involved.")
    again: Again | None = Field(None, description="Whether one would do it again.")
    fits: str | None = _text("fits", "For whom it fits.")
    topics: list[str] | None = Field(
        None, max_length=MOST_TOPICS, description="What it is about.", examples=[["Drohnen"]]
    )
    contact: str | None = _text("contact", "Who may be asked.", "Bauamt")
    suggestion: str | None = Field(
        None, max_length=LONGEST_SUGGESTION, description="Of a correction: what should be different."
    )
    quote: str | None = Field(None, max_length=LONGEST_QUOTE, description="Of a correction: the passage it is about.")

    def given(self) -> dict[str, Any]:
        """Return the fields that were sent."""
        return self.model_dump(mode="json", exclude_unset=True)


class _Wished(Sent):
    visibility: Visibility | None = Field(None, description="Who is to find it.")
    circles: list[UUID] | None = Field(
        None, max_length=MOST_CIRCLES, description="With the visibility `circle`: which circles."
    )
    attribution: Attribution | None = Field(None, description="Whose it is said to be.")

    def wishes(self) -> Wishes | None:
        """Return what is wished, if anything is."""
        if not {"visibility", "circles", "attribution"} & self.model_fields_set:
            return None
        return Wishes(self.visibility, None if self.circles is None else tuple(self.circles), self.attribution)


class NewContribution(_Wished):
    """A new contribution: an experience, or with `corrects` a correction."""

    fields: ContributionFields = Field(description="Its words.")
    corrects: UUID | None = Field(None, description="The document that is to be different.")
    submit: bool = Field(False, description="Whether to send it at once; otherwise it is a draft.")


class ContributionChange(_Wished):
    """What is to be different in a draft."""

    fields: ContributionFields | None = Field(None, description="The words that change.")


class Message(Shown):
    """What author or moderator wrote to the other."""

    from_author: bool = Field(description="Whether the author wrote it.")
    text: str = Field(description="What it says.", examples=["In welchem Jahr war das?"])
    at: datetime = Field(description="When it was written.")


class Reply(Sent):
    """An answer to what a moderator asked."""

    text: str = Field(min_length=1, max_length=LONGEST_MESSAGE, description="What to say.", examples=["2023."])


class PersonalData(Shown):
    """Something that looks like personal data; whether it is, people decide."""

    field: str = Field(description="In which field.", examples=["done"])
    kind: str = Field(description="What it looks like.", examples=["email"])
    text: str = Field(description="What was found.", examples=["erika@lindenau.example"])


class Contribution(Shown):
    """A contribution as its author sees it."""

    id: UUID = Field(description="Its identifier.")
    kind: ContributionKind = Field(description="An experience or a correction.")
    state: ContributionState = Field(description="Where it stands.")
    fields: dict[str, str | list[str]] = Field(description="Its words.", examples=[{"title": "Drohnen"}])
    visibility: Visibility = Field(description="Who is to find it.")
    circles: list[UUID] = Field(description="With the visibility `circle`: which circles.")
    attribution: Attribution = Field(description="Whose it is said to be.")
    described_as: str | None = Field(description="How an anonymous one names its organisation.")
    organisation: UUID | None = Field(description="Whose it is.")
    document: UUID | None = Field(description="The document that it became.")
    corrects: UUID | None = Field(description="The document that is to be different.")
    revision: int = Field(description="Counts every change; the ETag names it.", examples=[3])
    created_at: datetime = Field(description="When it was begun.")
    changed_at: datetime = Field(description="When it was changed last.")
    submitted_at: datetime | None = Field(description="When it was sent.")
    decided_at: datetime | None = Field(description="When it was decided on.")
    reason: str | None = Field(description="Why it was rejected, or given back.")
    messages: list[Message] = Field(description="What was asked and answered.")
    personal_data: list[PersonalData] = Field(description="While it is a draft: what looks like personal data.")


class QueueEntry(Shown):
    """A contribution that waits for a moderator."""

    id: UUID = Field(description="Its identifier.")
    revision: int = Field(description="Counts every change.", examples=[3])
    kind: ContributionKind = Field(description="An experience or a correction.")
    title: str = Field(description="What it is called.", examples=["Drohnen in der Bauaufsicht"])
    organisation: str | None = Field(description="The name of its organisation.", examples=["Lindenau"])
    topics: list[str] = Field(description="What it is about.", examples=[["Drohnen"]])
    visibility: Visibility = Field(description="Who is to find it.")
    attribution: Attribution = Field(description="Whose it is said to be.")
    waiting_since: datetime | None = Field(description="Since when it waits.")
    postponed_until: datetime | None = Field(description="Until when it is put off.")
    is_own: bool = Field(description="Whether it is the moderator's own; then somebody else decides.")


class Act(Shown):
    """What a moderator did to a contribution."""

    at: datetime = Field(description="When.")
    by: str | None = Field(description="Who, where that is known.", examples=["Vera Beispiel"])
    action: str = Field(description="What, as `area:action`.", examples=["review:ask"])


class ReviewItem(Shown):
    """A contribution as its moderator looks at it."""

    id: UUID = Field(description="Its identifier.")
    kind: ContributionKind = Field(description="An experience or a correction.")
    state: ContributionState = Field(description="Where it stands.")
    title: str = Field(description="What it is called.", examples=["Drohnen in der Bauaufsicht"])
    fields: dict[str, str | list[str]] = Field(description="Its words; none of what was taken back.")
    visibility: Visibility = Field(description="Who is to find it.")
    attribution: Attribution = Field(description="Whose it is said to be.")
    organisation: str | None = Field(description="The name of its organisation.", examples=["Lindenau"])
    corrects: UUID | None = Field(description="The document that is to be different, if the moderator may see it.")
    document: UUID | None = Field(description="The document that it became.")
    revision: int = Field(description="Counts every change; the ETag names it.", examples=[3])
    is_open: bool = Field(description="Whether it waits for a decision.")
    may_decide: bool = Field(description="Whether this moderator may publish or reject it (four eyes).")
    personal_data: list[PersonalData] = Field(description="What looks like personal data.")
    names_organisation_in: list[str] = Field(description="Fields in which an anonymous one names its organisation.")
    messages: list[Message] = Field(description="What was asked and answered.")
    acts: list[Act] = Field(description="What moderators did to it, the oldest first.")


class AskBack(Sent):
    """A question to the author."""

    question: str = Field(
        min_length=1, max_length=LONGEST_MESSAGE, description="What to ask.", examples=["In welchem Jahr war das?"]
    )


class Rejection(Sent):
    """Why a contribution is turned away."""

    reason: str = Field(
        min_length=1,
        max_length=LONGEST_MESSAGE,
        description="What the author reads.",
        examples=["Das steht schon in der Bibliothek."],
    )


class Postponement(Sent):
    """Until when a contribution is put off."""

    until: date = Field(description="A day after today, within a year.", examples=["2027-01-15"])


class Decision(Shown):
    """What became of a contribution."""

    id: UUID = Field(description="The contribution.")
    state: ContributionState = Field(description="Where it stands now.")
    document: UUID | None = Field(description="The document that it became.")
    revision: int = Field(description="Its revision now.", examples=[4])


def contribution_of(entry: ContributionEntry) -> Contribution:
    """Return a contribution as its author sees it."""
    is_draft = entry.state is ContributionState.DRAFT
    return Contribution(
        id=entry.id,
        kind=entry.kind,
        state=entry.state,
        fields=entry.fields,
        visibility=entry.visibility,
        circles=list(entry.circles),
        attribution=entry.attribution,
        described_as=entry.described_as,
        organisation=entry.organisation_id,
        document=entry.document_id,
        corrects=entry.corrects_id,
        revision=entry.revision,
        created_at=entry.created_at,
        changed_at=entry.updated_at,
        submitted_at=entry.submitted_at,
        decided_at=entry.decided_at,
        reason=entry.reason,
        messages=messages_of(entry),
        personal_data=personal_data_of(entry) if is_draft else [],
    )


def messages_of(entry: ContributionEntry) -> list[Message]:
    """Return what was asked and answered."""
    return [Message(from_author=one.from_author, text=one.text, at=one.created_at) for one in entry.messages]


def personal_data_of(entry: ContributionEntry) -> list[PersonalData]:
    """Return what looks like personal data."""
    return [
        PersonalData(field=one.place.field, kind=one.finding.kind.value, text=one.finding.text)
        for one in find_in_fields(entry.fields)
    ]
