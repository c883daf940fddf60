"""What the pages of the review have in common: who reviews, what part of the queue they come from, what comes next."""

from collections.abc import Awaitable, Mapping
from datetime import date
from typing import TypeVar
from urllib.parse import urlencode
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession
from starlette.datastructures import FormData

from knowledge.access.rights import Visitor
from knowledge.kit.language import _
from knowledge.kit.unit_of_work import UnitOfWork
from knowledge.models.contribution import ContributionKind, ContributionState, ReportReason
from knowledge.models.document import Visibility
from knowledge.page_reports.service import PageReports
from knowledge.review.schemas import QueueCounts, QueueFilter, Reviewer, Tab

QUEUE, PAGE_REPORTS = "/pruefung", "/hinweise"
# The hidden field that holds from which part of the queue somebody came.
FROM = "aus"
LONGEST_PARAMETER = 200
_T = TypeVar("_T")
_E = TypeVar("_E", Tab, ContributionKind, Visibility)


def reviewer_of(visitor: Visitor) -> Reviewer:
    """Return whoever visits, as the review knows them."""
    return Reviewer(visitor.known.id, visitor.scope, visitor.viewer)


def read_filter(values: Mapping[str, str]) -> QueueFilter:
    """Return which part of the queue an address asks for; what makes no sense in it is left out."""
    page = values.get("seite", "")
    return QueueFilter(
        tab=_read(Tab, values.get("stand")) or Tab.WAITING,
        kind=_read(ContributionKind, values.get("art")),
        organisation_id=read_key(values.get("kommune")),
        topic=" ".join(values.get("thema", "")[:LONGEST_PARAMETER].split()) or None,
        visibility=_read(Visibility, values.get("sichtbarkeit")),
        page=int(page) if page.isdecimal() and page.isascii() and 0 < len(page) < 6 and int(page) else 1,
    )


def filter_fields(wanted: QueueFilter) -> list[tuple[str, str]]:
    """Return a part of the queue as forms and addresses carry it, without the number of the page."""
    values = {
        "stand": wanted.tab.value,
        "art": wanted.kind.value if wanted.kind else None,
        "kommune": str(wanted.organisation_id) if wanted.organisation_id else None,
        "thema": wanted.topic,
        "sichtbarkeit": wanted.visibility.value if wanted.visibility else None,
    }
    return [(name, value) for name, value in values.items() if value]


def filter_address(wanted: QueueFilter) -> str:
    """Return a part of the queue as an address has it after the question mark."""
    return urlencode(filter_fields(wanted))


def _read(kind: type[_E], text: str | None) -> _E | None:
    try:
        return kind(text) if text else None
    except ValueError:
        return None


def read_key(text: str | None) -> UUID | None:
    """Return an identifier; ``None`` for anything else."""
    try:
        return UUID(text) if text else None
    except ValueError:
        return None


def read_number(text: str | None) -> int:
    """Return a whole number; 0 for anything else."""
    return int(text) if text and text.isdecimal() and text.isascii() and len(text) < 10 else 0


def read_day(text: str) -> date:
    """Return a day that a form names; one long ago for anything else, which nothing takes."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return date.min


def typed_in(form: FormData) -> dict[str, str]:
    """Return what was typed into a form, by field."""
    return {name: value for name, value in form.items() if isinstance(value, str)}


async def whole_or_nothing(unit: UnitOfWork, act: Awaitable[_T]) -> _T:
    """Do something, or nothing of it: what it wrote before it failed is taken back, and the transaction goes on."""
    async with unit.session.begin_nested():
        return await act


def tab_name(tab: Tab) -> str:
    """Return what a part of the queue is called."""
    names = {
        Tab.WAITING: _("Waiting"),
        Tab.ASKED: _("Asked back"),
        Tab.POSTPONED: _("Postponed"),
        Tab.REPORTS: _("Reports"),
        Tab.DUE: _("Due for review"),
    }
    return names[tab]


async def tabs_of_review(session: AsyncSession, visitor: Visitor, counts: QueueCounts) -> list[tuple[str, str, int]]:
    """Return the parts of the queue; reports about pages are for who looks after everything."""
    tabs = [(tab_name(tab), f"{QUEUE}?stand={tab.value}", counts.of(tab)) for tab in Tab]
    if visitor.scope.is_everything:
        tabs.append((_("About pages"), PAGE_REPORTS, await PageReports(session).count_waiting()))
    return tabs


def kind_name(kind: ContributionKind) -> str:
    """Return what kind of contribution something is."""
    names = {ContributionKind.EXPERIENCE: _("Experience"), ContributionKind.CORRECTION: _("Correction")}
    return names[kind]


def visibility_name(visibility: Visibility) -> str:
    """Return who is to find something."""
    names = {
        Visibility.HOUSE: _("only their own organisation"),
        Visibility.CIRCLE: _("certain circles"),
        Visibility.NETWORK: _("the network"),
        Visibility.PUBLIC: _("everybody"),
    }
    return names[visibility]


def reason_name(reason: ReportReason) -> str:
    """Return why something was reported."""
    names = {
        ReportReason.PERSONAL_DATA: _("personal data"),
        ReportReason.WRONG: _("wrong"),
        ReportReason.OUTDATED: _("outdated"),
        ReportReason.RIGHTS: _("rights of others"),
        ReportReason.OFFENSIVE: _("offensive"),
        ReportReason.OTHER: _("something else"),
    }
    return names[reason]


def state_name(state: ContributionState) -> str:
    """Return where a contribution stands."""
    names = {
        ContributionState.DRAFT: _("Draft"),
        ContributionState.HOUSE: _("Waits for its own organisation"),
        ContributionState.WAITING: _("Waiting"),
        ContributionState.ASKED: _("Asked back"),
        ContributionState.POSTPONED: _("Postponed"),
        ContributionState.PUBLISHED: _("Published"),
        ContributionState.REJECTED: _("Rejected"),
        ContributionState.WITHDRAWN: _("Taken back by its author"),
    }
    return names[state]


def act_name(action: str) -> str:
    """Return what a moderator did to a contribution."""
    names = {
        "review:publish": _("published"),
        "review:ask": _("asked back"),
        "review:reject": _("rejected"),
        "review:postpone": _("postponed"),
        "review:edit": _("text changed"),
        "review:redact": _("personal data redacted"),
        "review:merge": _("merged with a document"),
    }
    return names.get(action, action)
