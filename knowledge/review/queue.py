"""The review queue as a moderator may see it: its parts, their counts, and what comes next."""

from typing import Any
from uuid import UUID

from sqlalchemy import Row
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge.access.visibility import Viewer
from knowledge.kit.clock import now, today
from knowledge.kit.language import _
from knowledge.models.contribution import Contribution, ContributionKind, Report
from knowledge.models.document import Document
from knowledge.review.repository import Office, ReviewRepository, Topics
from knowledge.review.schemas import (
    PAGE_SIZE,
    DueLine,
    QueueCounts,
    QueueFilter,
    QueueLine,
    QueueView,
    ReportLine,
    Reviewer,
    Tab,
)


class ReviewQueue:
    """The queue for one reviewer over one session; it only reads."""

    def __init__(self, session: AsyncSession, reviewer: Reviewer) -> None:
        self._repository = ReviewRepository(session)
        self._reviewer = reviewer

    async def view(self, wanted: QueueFilter) -> QueueView:
        """Return one page of the queue; a page beyond the last is empty."""
        counts, offset = await self.counts(), (wanted.page - 1) * PAGE_SIZE
        if wanted.tab is Tab.REPORTS:
            reports = await self._report_office()
            found = await self._repository.open_reports(reports, offset=offset, limit=PAGE_SIZE)
            return QueueView(wanted, counts, counts.reports, reports=[report_line(*row) for row in found])
        if wanted.tab is Tab.DUE:
            due = await self._due_office()
            rows = await self._repository.due(today(), due, offset=offset, limit=PAGE_SIZE)
            return QueueView(wanted, counts, counts.due, due=[DueLine(*row) for row in rows])
        return await self._contributions(wanted, counts, await self._office())

    async def counts(self) -> QueueCounts:
        """Count what is in each part of the queue."""
        by_tab = await self._repository.count_by_tab(now(), await self._office())
        return QueueCounts(
            waiting=by_tab[Tab.WAITING],
            asked=by_tab[Tab.ASKED],
            postponed=by_tab[Tab.POSTPONED],
            reports=await self._repository.count_reports(await self._report_office()),
            due=await self._repository.count_due(today(), await self._due_office()),
        )

    async def next_after(self, contribution: Contribution | None, wanted: QueueFilter) -> UUID | None:
        """Return what comes after a contribution in the queue; after the last one the first, if there is another."""
        office = await self._with_topic(wanted.topic, await self._office())
        after = None
        if contribution is not None and contribution.waiting_since is not None:
            after = (contribution.waiting_since, contribution.id)
        found = await self._repository.next_after(after, wanted, now(), office)
        if found is None and after is not None:
            found = await self._repository.next_after(None, wanted, now(), office)
        return None if contribution is not None and found == contribution.id else found

    async def report(self, report: UUID) -> tuple[Report, Document] | None:
        """Return a report with its document, if it is this reviewer's office."""
        found = await self._repository.report(report)
        if found is None or not self._reviewer.scope.covers(found[1].organisation_id, found[1].topics):
            return None
        return found

    async def _contributions(self, wanted: QueueFilter, counts: QueueCounts, office: Office | None) -> QueueView:
        narrowed = await self._with_topic(wanted.topic, office)
        moment = now()
        is_filtered = wanted != QueueFilter(tab=wanted.tab, page=wanted.page)
        total = await self._repository.count_queue(wanted, moment, narrowed) if is_filtered else counts.of(wanted.tab)
        offset = (wanted.page - 1) * PAGE_SIZE
        lines = await self._lines(wanted, narrowed, offset=offset, limit=PAGE_SIZE)
        organisations = await self._repository.organisations(office)
        return QueueView(wanted, counts, total, lines=lines, organisations=organisations)

    async def lines(self, wanted: QueueFilter, *, offset: int, limit: int) -> list[QueueLine]:
        """Return some contributions of the queue, in its order, whatever page ``wanted`` names."""
        narrowed = await self._with_topic(wanted.topic, await self._office())
        return await self._lines(wanted, narrowed, offset=offset, limit=limit)

    async def _lines(self, wanted: QueueFilter, office: Office | None, *, offset: int, limit: int) -> list[QueueLine]:
        rows = await self._repository.queue(wanted, now(), office, offset=offset, limit=limit)
        corrected = await self._repository.documents({row.corrects_id for row in rows if row.corrects_id})
        return [self._line(row, corrected.get(row.corrects_id)) for row in rows]

    async def _office(self) -> Office | None:
        """Return which open contributions are this reviewer's office. Topics are folded here, as databases differ."""
        scope = self._reviewer.scope
        if scope.is_everything:
            return None
        topics = await self._repository.open_topics(None, but=scope.organisations) if scope.topics else ()
        return self._named(topics)

    async def _report_office(self) -> Office | None:
        scope = self._reviewer.scope
        if scope.is_everything:
            return None
        return self._named(await self._repository.report_topics(but=scope.organisations) if scope.topics else ())

    async def _due_office(self) -> Office | None:
        scope = self._reviewer.scope
        if scope.is_everything:
            return None
        return self._named(await self._repository.due_topics(today(), but=scope.organisations) if scope.topics else ())

    def _named(self, topics: Topics) -> Office:
        covers = self._reviewer.scope.covers
        return Office(self._reviewer.scope.organisations, tuple(key for key, words in topics if covers(None, words)))

    async def _with_topic(self, topic: str | None, office: Office | None) -> Office | None:
        """Return the part of an office that has a topic."""
        if not topic:
            return office
        rows, wanted = await self._repository.open_topics(office), topic.casefold()
        return Office(keys=tuple(key for key, words in rows if wanted in map(str.casefold, words)))

    def _line(self, row: Row[Any], corrected: Document | None) -> QueueLine:
        topics = row.topics if isinstance(row.topics, list) else []
        return QueueLine(
            id=row.id,
            revision=row.revision,
            kind=row.kind,
            title=row.title or correction_title(row.kind, corrected, self._reviewer),
            organisation_name=row.organisation_name,
            topics=tuple(map(str, topics)),
            visibility=row.visibility,
            attribution=row.attribution,
            waiting_since=row.waiting_since,
            postponed_until=row.postponed_until,
            is_own=row.member_id == self._reviewer.member_id,
        )


def report_line(report: Report, document: Document) -> ReportLine:
    """Return a report as it is shown."""
    return ReportLine(
        id=report.id,
        document_id=document.id,
        document_title=document.title,
        document_status=document.status,
        reason=report.reason,
        text=report.text,
        created_at=report.created_at,
        from_member=report.member_id is not None,
    )


def sees(reviewer: Reviewer, document: Document) -> bool:
    """Tell whether a reviewer may see a document: because anyone like them finds it, or because it is their office."""
    return reviewer.viewer.may_find(document) or reviewer.scope.covers(document.organisation_id, document.topics)


def seeing(reviewer: Reviewer) -> Viewer:
    """Return the viewer who finds what a reviewer may see; of single topics, only what they find themselves."""
    if reviewer.scope.is_everything:
        return Viewer(None, reviewer.viewer.state_key)
    houses = {f"house:{organisation.hex}" for organisation in reviewer.scope.organisations}
    access = reviewer.viewer.access
    return Viewer(None if access is None else access | houses, reviewer.viewer.state_key)


def correction_title(kind: ContributionKind, corrected: Document | None, reviewer: Reviewer) -> str:
    """Return what a contribution without a title of its own is called."""
    if kind is ContributionKind.CORRECTION and corrected is not None and sees(reviewer, corrected):
        return _("Correction: {title}").format(title=corrected.title)
    return _("Correction") if kind is ContributionKind.CORRECTION else _("Without title")
