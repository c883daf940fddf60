"""Who can review: moderators and administrators who can act, and what they look after."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from knowledge.access.rights import RIGHTS, Right, Scope
from knowledge.models.access import ModeratorScope
from knowledge.models.member import Member, Role
from knowledge.review.repository import ReviewRepository

REVIEWING = frozenset(role for role, rights in RIGHTS.items() if Right.REVIEW_DECIDE in rights)


@dataclass(frozen=True, slots=True)
class KnownReviewer:
    """Somebody who can review."""

    member: Member
    scope: Scope


async def known_reviewers(repository: ReviewRepository) -> list[KnownReviewer]:
    """Return everybody who can review, with what they look after; administrators look after everything."""
    members = await repository.reviewers(REVIEWING)
    limited = [member.id for member in members if member.role is not Role.ADMINISTRATOR]
    rows = await repository.scope_rows(limited)
    return [
        KnownReviewer(member, scope_from([row for row in rows if row.member_id == member.id])) for member in members
    ]


def scope_from(rows: Iterable[ModeratorScope]) -> Scope:
    """Return what rows of the table of scopes mean together."""
    kept = list(rows)
    return Scope(
        frozenset(row.organisation_id for row in kept if row.organisation_id is not None),
        frozenset(row.topic.casefold() for row in kept if row.topic),
    )


def others_can(
    reviewers: Sequence[KnownReviewer], member_id: UUID, organisation_id: UUID | None, topics: list[str]
) -> bool:
    """Tell whether anybody but this member can decide on something."""
    return any(one.scope.covers(organisation_id, topics) for one in reviewers if one.member.id != member_id)
