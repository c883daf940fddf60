"""What moderators do with contributions and reports; two people at one of them never overwrite each other.

Every change counts the contribution's revision up, and is made only where it still has the revision that the moderator
looked at. What somebody else changed meanwhile raises ``StaleForm``, which keeps what was typed. The same decision sent
twice acts once.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from knowledge.audit.service import record
from knowledge.contributions.checking import LONGEST_MESSAGE
from knowledge.contributions.publishing import publish
from knowledge.kit.cleaning import clean_text
from knowledge.kit.clock import HOME, now, today
from knowledge.kit.ids import new_id
from knowledge.kit.language import _
from knowledge.kit.unit_of_work import UnitOfWork
from knowledge.models.contribution import Contribution, ContributionMessage, ContributionState
from knowledge.models.document import Document
from knowledge.notices.service import tell
from knowledge.questions.telling import note_published
from knowledge.review.errors import DayNeeded, StaleForm, TextNeeded, UnknownReport
from knowledge.review.fields import checked_fields
from knowledge.review.findings import Place, redacted
from knowledge.review.looking import ContributionReader, Looked
from knowledge.review.merging import check_can_merge, fold_in
from knowledge.review.queue import ReviewQueue
from knowledge.review.repository import ReviewRepository
from knowledge.review.schemas import MergeTarget, Reviewer

# Nobody puts something off for longer.
LONGEST_WAIT = timedelta(days=366)
# What tells whether a decision that comes a second time was the same one.
_DECIDING = ("state", "decided_by", "reason", "postponed_until", "fields")


class ReviewService:
    """The decisions of one reviewer within one unit of work.

    ``revision`` is always the one that the reviewer looked at. All but ``close_report`` raise ``UnknownContribution``
    and ``StaleForm``; ``publish``, ``reject`` and ``merge`` also ``OwnContribution`` and ``UnseenDocument``.
    """

    def __init__(self, unit: UnitOfWork, reviewer: Reviewer) -> None:
        self._unit = unit
        self._session = unit.session
        self._reviewer = reviewer
        self._repository = ReviewRepository(unit.session)
        self._reader = ContributionReader(unit.session, reviewer)

    async def publish(self, key: UUID, revision: int) -> None:
        """Make a contribution a document of the library, or a new version of the one that it corrects."""
        await self._reader.check_may_decide(key)
        row = await self._change(key, revision, {}, **self._decided(ContributionState.PUBLISHED))
        if row is None:
            return
        document = await publish(self._unit, row, by=self._reviewer.member_id)
        await self._published(row, document, "publish")

    async def ask(self, key: UUID, revision: int, text: str) -> None:
        """Ask the author something; their answer brings the contribution back. Raises ``TextNeeded``."""
        question = _text(text, _("Please write what you want to know."))
        await self._reader.look(key)
        values = {"state": ContributionState.ASKED, "waiting_since": now(), "alerted_at": None}
        if await self._was_asked(key, revision, question):
            return
        row = await self._change(key, revision, {"text": text}, **values)
        if row is None:
            return
        message = ContributionMessage(
            id=new_id(),
            contribution_id=key,
            from_author=False,
            member_id=self._reviewer.member_id,
            text=question,
            created_at=now(),
        )
        await self._repository.add(message)
        await self._record(row, "ask", message=str(message.id))
        await self._tell(row, "contribution.asked", message=str(message.id))

    async def reject(self, key: UUID, revision: int, reason: str) -> None:
        """Turn a contribution away with a reason, which the author reads. Raises ``TextNeeded``."""
        said = _text(reason, _("Please write why, so that the author understands it."))
        await self._reader.check_may_decide(key)
        decided = self._decided(ContributionState.REJECTED)
        row = await self._change(key, revision, {"reason": reason}, **decided, reason=said)
        if row is not None:
            await self._record(row, "reject")
            await self._tell(row, "contribution.rejected")

    async def postpone(self, key: UUID, revision: int, until: date) -> None:
        """Put a contribution off until a day, on which it waits again by itself. Raises ``DayNeeded``."""
        if not today() < until <= today() + LONGEST_WAIT:
            raise DayNeeded(today() + LONGEST_WAIT)
        await self._reader.look(key)
        back = datetime.combine(until, time.min, HOME)
        values = {"state": ContributionState.POSTPONED, "postponed_until": back, "waiting_since": back}
        row = await self._change(key, revision, {"until": until}, **values, alerted_at=None)
        if row is not None:
            await self._record(row, "postpone")

    async def edit(self, key: UUID, revision: int, fields: Mapping[str, Any]) -> None:
        """Change the words of a contribution. Raises an ``InvalidInput`` that names the field."""
        found = await self._reader.look(key)
        new = checked_fields(found.row.fields, fields)
        if new == found.row.fields and found.row.revision == revision:
            return
        row = await self._change(key, revision, dict(fields), fields=new)
        if row is not None:
            await self._record(row, "edit")

    async def redact(self, key: UUID, revision: int, places: Sequence[Place] | None) -> int:
        """Put what looks like personal data out of the words, at some places or at all; returns at how many."""
        found = await self._reader.look(key)
        new, count = redacted(found.row.fields, places)
        if not count:
            return 0
        row = await self._change(key, revision, {}, fields=new)
        if row is not None:
            await self._record(row, "redact", places=count)
        return count

    async def merge(self, key: UUID, revision: int, target: MergeTarget, fields: Mapping[str, Any]) -> None:
        """Fold a contribution into an experience of the library, which gets a new version with these words.

        Raises ``CannotMerge``, an ``InvalidInput`` that names the field, and ``StaleForm`` also where the document has
        another version by now.
        """
        found = await self._reader.check_may_decide(key)
        document = await check_can_merge(self._repository, self._reviewer, found.row, target.document_id)
        new = checked_fields({}, fields)
        row = await self._change(
            key, revision, dict(fields), **self._decided(ContributionState.PUBLISHED), document_id=document.id
        )
        if row is None:
            return
        if not await self._repository.hold_version(document.id, target.version, now()):
            raise StaleForm(fields)
        await fold_in(self._unit, row, document, new)
        await self._published(row, document, "merge")

    async def close_report(self, key: UUID, outcome: str) -> None:
        """Close a report with what was done about it. Raises ``UnknownReport``, ``TextNeeded``, ``StaleForm``."""
        said = _text(outcome, _("Please write what was done about it."))
        found = await ReviewQueue(self._session, self._reviewer).report(key)
        if found is None:
            raise UnknownReport
        by = self._reviewer.member_id
        if not await self._repository.close_report(key, closed_at=now(), closed_by=by, outcome=said):
            if (found[0].closed_by, found[0].outcome) == (by, said):
                return
            raise StaleForm({"outcome": outcome})
        await record(self._session, "review:close_report", ("report", key), by=by, reason=found[0].reason.value)
        await tell(self._session, "report.closed", member_id=found[0].member_id, data={"report": str(key)})

    def _decided(self, state: ContributionState) -> dict[str, Any]:
        return {"state": state, "decided_at": now(), "decided_by": self._reviewer.member_id}

    async def _change(self, key: UUID, revision: int, typed: Mapping[str, Any], **values: Any) -> Contribution | None:
        """Change an open contribution; ``None`` where this very change was made before. Raises ``StaleForm``."""
        row = await self._repository.change(key, revision, updated_at=now(), **values)
        if row is not None:
            return row
        current = (await self._reader.look(key)).row
        deciding = {name: value for name, value in values.items() if name in _DECIDING}
        same = all(getattr(current, name) == value for name, value in deciding.items())
        if current.revision == revision + 1 and same and current.state is not ContributionState.ASKED:
            return None
        raise StaleForm(typed)

    async def _was_asked(self, key: UUID, revision: int, question: str) -> bool:
        """Tell whether this very question was the last thing that happened."""
        current: Looked = await self._reader.look(key)
        if (current.row.state, current.row.revision) != (ContributionState.ASKED, revision + 1):
            return False
        last = (await self._repository.messages(key))[-1:]
        return [(one.member_id, one.text) for one in last] == [(self._reviewer.member_id, question)]

    async def _published(self, row: Contribution, document: Document, action: str) -> None:
        row.document_id = document.id
        await self._repository.flush()
        await note_published(self._session, row, document)
        await self._record(row, action, document=str(document.id))
        await self._tell(row, "contribution.merged" if action == "merge" else "contribution.published")

    async def _record(self, row: Contribution, action: str, **details: Any) -> None:
        thing = ("contribution", row.id)
        by = self._reviewer.member_id
        await record(self._session, f"review:{action}", thing, by=by, revision=row.revision, **details)

    async def _tell(self, row: Contribution, kind: str, **data: str) -> None:
        told = {"contribution": str(row.id), **data}
        if row.identity_id is not None:
            await tell(self._session, kind, identity_id=row.identity_id, data=told)
        else:
            await tell(self._session, kind, member_id=row.member_id, data=told)


def _text(text: str, needed: str) -> str:
    """Return what was written. Raises ``TextNeeded``."""
    written = clean_text(text)
    if not written:
        raise TextNeeded(needed)
    if len(written) > LONGEST_MESSAGE:
        raise TextNeeded(_("This is too long: at most {count} characters, please.").format(count=LONGEST_MESSAGE))
    return written
