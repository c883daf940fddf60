"""The invented members and contributions of the demo, so that a moderator finds a morning's work."""

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

from sqlalchemy.ext.asyncio import AsyncSession

from knowledge.kit.clock import now, today
from knowledge.library.repository import DocumentRepository
from knowledge.members.names import fold_person
from knowledge.models.contribution import (
    Attribution,
    Contribution,
    ContributionKind,
    ContributionMessage,
    ContributionState,
    Report,
    ReportReason,
)
from knowledge.models.member import Member, Role
from knowledge.organisations.service import OrganisationService

# Identifiers follow from names, so that loading a second time finds what is there.
_SPACE = UUID("5f0f2f0a-8d0e-4c1b-9c55-0f6a54a6f1e7")
MODERATOR = "moderation"


def example_id(kind: str, key: str) -> UUID:
    """Return the identifier of an example."""
    return uuid5(_SPACE, f"{kind}/{key}")


async def load_examples(session: AsyncSession, path: Path) -> UUID:
    """Add the invented members, contributions and reports of a JSON file, and return the moderator's identifier.

    What is there already stays as it is: somebody may have decided about it. The sample library and its organisations
    have to be loaded before.
    """
    examples = _read(path)
    loading = _Examples(session)
    for member in examples["members"]:
        await loading.add_member(member)
    await session.flush()
    for contribution in examples["contributions"]:
        await loading.add_contribution(contribution)
    for report in examples["reports"]:
        await loading.add_report(report)
    for source in examples["due_for_review"]:
        await loading.make_due(source)
    await session.flush()
    return example_id("member", MODERATOR)


def _read(path: Path) -> dict[str, list[Any]]:
    examples: dict[str, list[Any]] = json.loads(path.read_text(encoding="utf-8"))
    return examples


class _Examples:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session
        self._organisations = OrganisationService(session)
        self._documents = DocumentRepository(session)

    async def add_member(self, values: dict[str, Any]) -> None:
        key = example_id("member", values["key"])
        if await self._session.get(Member, key) is not None:
            return
        organisation = await self._organisations.get_by_key(values["organisation"])
        name = values["name"]
        self._session.add(
            Member(
                id=key,
                name=name,
                search_name=fold_person(name),
                organisation_id=organisation.id,
                role=Role(values["role"]),
            )
        )

    async def add_contribution(self, values: dict[str, Any]) -> None:
        key, since = example_id("contribution", values["key"]), now() - timedelta(days=values["days"])
        author = await self._session.get(Member, example_id("member", values["author"]))
        corrected = await self._documents.by_source(values["corrects"]) if "corrects" in values else None
        if author is None or await self._session.get(Contribution, key) is not None:
            return
        self._session.add(
            Contribution(
                id=key,
                kind=ContributionKind.CORRECTION if corrected else ContributionKind.EXPERIENCE,
                state=ContributionState(values["state"]),
                member_id=author.id,
                organisation_id=author.organisation_id,
                fields=values["fields"],
                attribution=Attribution(values.get("attribution", Attribution.ORGANISATION)),
                described_as=values.get("described_as"),
                corrects_id=corrected.id if corrected else None,
                created_at=since,
                updated_at=since,
                submitted_at=since,
                waiting_since=since,
                postponed_until=now() + timedelta(days=values["until_days"]) if "until_days" in values else None,
            )
        )
        await self._session.flush()
        self._ask(key, values.get("question"), since + timedelta(hours=5))

    def _ask(self, contribution: UUID, question: str | None, moment: datetime) -> None:
        if question is not None:
            self._session.add(
                ContributionMessage(
                    contribution_id=contribution,
                    from_author=False,
                    member_id=example_id("member", MODERATOR),
                    text=question,
                    created_at=moment,
                )
            )

    async def add_report(self, values: dict[str, Any]) -> None:
        key, document = example_id("report", values["key"]), await self._documents.by_source(values["document"])
        if document is None or await self._session.get(Report, key) is not None:
            return
        reason = ReportReason(values["reason"])
        self._session.add(Report(id=key, document_id=document.id, reason=reason, text=values["text"]))

    async def make_due(self, source: str) -> None:
        document = await self._documents.by_source(source)
        if document is not None and document.review_by is None:
            document.review_by = today() - timedelta(days=14)
