"""A contribution's row as what others work with."""

from collections.abc import Iterable
from uuid import UUID

from knowledge.contributions.schemas import ContributionEntry, MessageEntry
from knowledge.models.contribution import Contribution, ContributionMessage


def entry_of(
    row: Contribution, organisation_name: str | None, messages: Iterable[ContributionMessage] = ()
) -> ContributionEntry:
    """Return the entry for a row."""
    return ContributionEntry(
        id=row.id,
        kind=row.kind,
        state=row.state,
        member_id=row.member_id,
        identity_id=row.identity_id,
        organisation_id=row.organisation_id,
        organisation_name=organisation_name,
        fields=dict(row.fields),
        visibility=row.visibility,
        circles=tuple(UUID(circle) for circle in row.circles),
        attribution=row.attribution,
        described_as=row.described_as,
        document_id=row.document_id,
        corrects_id=row.corrects_id,
        revision=row.revision,
        created_at=row.created_at,
        updated_at=row.updated_at,
        submitted_at=row.submitted_at,
        waiting_since=row.waiting_since,
        postponed_until=row.postponed_until,
        decided_at=row.decided_at,
        reason=row.reason,
        messages=tuple(MessageEntry(item.id, item.from_author, item.text, item.created_at) for item in messages),
    )
