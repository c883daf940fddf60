"""Reading the record of privileged acts, some at a time, and in words."""

import asyncio
import csv
import io
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from knowledge.audit.repository import AuditRepository
from knowledge.audit.schemas import AuditFilter, AuditLine, AuditPage
from knowledge.kit.language import _

PAGE_SIZE = 100
# Rows of one file, and rows read at once for it.
MOST_EXPORTED, EXPORTED_TOGETHER = 200_000, 2_000
COLUMNS = ("id", "at", "actor", "actor_id", "action", "object_kind", "object_id", "details")


def action_texts() -> dict[str, str]:
    """Return what each act is called."""
    return {
        "account:link_directory": _("Directory account linked"),
        "account:password_set": _("Own password set"),
        "account:second_factor_set": _("Own second factor set"),
        "account:set_up": _("Own password and second factor set up"),
        "account:unlink_directory": _("Directory account unlinked"),
        "circles:add": _("Circle added"),
        "circles:change": _("Circle changed"),
        "circles:code": _("Code made for a circle"),
        "circles:unvouch": _("Vouching for a circle's group ended"),
        "circles:vouch": _("Vouched for a circle's group"),
        "contributions:give_back": _("Contribution given back by its organisation"),
        "contributions:release": _("Contribution released by its organisation"),
        "directories:add": _("Directory added"),
        "directories:change": _("Directory changed"),
        "directories:off": _("Signing in with a directory switched off"),
        "directories:on": _("Signing in with a directory switched on"),
        "directories:remove": _("Directory removed"),
        "gaps:ask": _("Gap put to the network"),
        "gaps:dismiss": _("Gap set aside"),
        "gaps:restore": _("Gap opened again"),
        **_later_texts(),
    }


def _later_texts() -> dict[str, str]:
    """Return the second half of the alphabet."""
    return {
        "library:edit": _("Document changed"),
        "library:merge": _("Documents merged"),
        "library:new_version": _("New version of a document"),
        "library:restore": _("Document restored"),
        "library:review_date": _("Review date set"),
        "library:still_current": _("Document confirmed as current"),
        "library:upload": _("Document uploaded"),
        "library:withdraw": _("Document withdrawn"),
        "members:administrator": _("Link made for an administrator"),
        "members:change": _("Member changed"),
        "members:erase": _("Member erased"),
        "members:invite": _("Somebody invited"),
        "members:join_by_directory": _("Somebody joined by a directory"),
        "members:leave": _("Member noted as having left"),
        "members:lift": _("Suspension lifted"),
        "members:link": _("Code made for a chat account"),
        "members:recover": _("Link made for getting in again"),
        "members:suspend": _("Member suspended"),
        "organisations:add": _("Organisation added"),
        "organisations:add_domain": _("Mail domain registered"),
        "organisations:release_first": _("Own say first changed"),
        "organisations:remove_domain": _("Mail domain removed"),
        "pages:done": _("Report about a page done"),
        "questions:close_report": _("Report about the network closed"),
        "questions:remove": _("Something taken out of the network"),
        "review:ask": _("Asked back about a contribution"),
        "review:close_report": _("Report closed"),
        "review:edit": _("Contribution edited"),
        "review:merge": _("Contribution merged with a document"),
        "review:postpone": _("Contribution postponed"),
        "review:publish": _("Contribution published"),
        "review:redact": _("Contribution redacted"),
        "review:reject": _("Contribution rejected"),
        "synonyms:add": _("Synonyms added"),
        "synonyms:remove": _("Synonyms removed"),
        "tokens:make": _("Access for programs made"),
        "tokens:revoke": _("Access for programs ended"),
        "topics:add": _("Topic added"),
        "topics:change": _("Topic changed"),
        "topics:restore": _("Topic offered again"),
        "topics:retire": _("Topic offered no longer"),
        "trainings:add_material": _("Material added to a training"),
        "trainings:change_material": _("Material of a training changed"),
        "trainings:remove_material": _("Material taken away from a training"),
    }


def object_texts() -> dict[str, str]:
    """Return what each kind of thing is called."""
    return {
        "circle": _("Circle"),
        "contribution": _("Contribution"),
        "directory": _("Directory"),
        "document": _("Document"),
        "material": _("Material"),
        "gap": _("Gap"),
        "invitation": _("Invitation"),
        "member": _("Member"),
        "network_report": _("Report about the network"),
        "organisation": _("Organisation"),
        "page_report": _("Report about a page"),
        "report": _("Report"),
        "synonyms": _("Synonyms"),
        "token": _("Access for programs"),
        "topic": _("Topic"),
    }


class AuditReader:
    """The record for whoever may read it, within the caller's transaction."""

    def __init__(self, session: AsyncSession) -> None:
        self._repository = AuditRepository(session)

    async def page(self, wanted: AuditFilter, *, before: int | None = None, after: int | None = None) -> AuditPage:
        """Return some acts, the newest first: all before a number, or the next ones after one."""
        if after is not None:
            rows = await self._repository.newer(wanted, after=after, limit=PAGE_SIZE + 1)
            more, lines = len(rows) > PAGE_SIZE, tuple(rows[:PAGE_SIZE][::-1])
            return AuditPage(lines, lines[-1].id if lines else None, lines[0].id if more else None)
        rows = await self._repository.older(wanted, before=before, limit=PAGE_SIZE + 1)
        more, lines = len(rows) > PAGE_SIZE, tuple(rows[:PAGE_SIZE])
        newer = lines[0].id if lines and before is not None else None
        return AuditPage(lines, lines[-1].id if more else None, newer)

    async def table(self, wanted: AuditFilter) -> str:
        """Return acts as comma-separated values, the newest first; the newest 200,000 at most."""
        file = io.StringIO(newline="")
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        before: int | None = None
        for _turn in range(0, MOST_EXPORTED, EXPORTED_TOGETHER):
            lines = await self._repository.older(wanted, before=before, limit=EXPORTED_TOGETHER)
            writer.writerows(_cells(line) for line in lines)
            if len(lines) < EXPORTED_TOGETHER:
                break
            before = lines[-1].id
            await asyncio.sleep(0)  # others get their turn
        return file.getvalue()


def details_text(details: dict[str, Any]) -> str:
    """Return what is noted beside an act, as ``name: value``."""
    return "; ".join(f"{name}: {_plain(value)}" for name, value in sorted(details.items()))


def _plain(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _cells(line: AuditLine) -> list[str]:
    actor = str(line.actor_id or "")
    values = (str(line.id), line.at.isoformat(), line.who, actor, line.action, line.object_kind, line.object_id)
    return [_harmless(value) for value in (*values, details_text(line.details))]


def _harmless(cell: str) -> str:
    """Keep spreadsheets from taking a name for a formula."""
    return f"'{cell}" if cell.startswith(("=", "+", "-", "@", "\t", "\r")) else cell
