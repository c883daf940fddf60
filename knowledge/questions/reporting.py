"""What is written to the network can be reported to moderators, and its writer be blocked by whoever got it."""

from collections.abc import Sequence
from uuid import UUID

from knowledge.audit.service import record
from knowledge.kit.clock import now
from knowledge.kit.ids import new_id
from knowledge.kit.language import _
from knowledge.kit.logs import get_logger
from knowledge.kit.often import room_in
from knowledge.models.contribution import ReportReason
from knowledge.models.member import Role
from knowledge.models.peer import Block, ContactState
from knowledge.models.question import NetworkReport, OpenQuestionState
from knowledge.notices.service import tell
from knowledge.peers.contacts import ContactService
from knowledge.questions.answering import Answering
from knowledge.questions.asking import Asking
from knowledge.questions.base import checked_text
from knowledge.questions.errors import TooManyQuestions, UnknownOpenAnswer, UnknownOpenQuestion
from knowledge.questions.limits import DAY, MOST_REPORTS
from knowledge.questions.reported.repository import ReportedRepository, ReportRow
from knowledge.questions.schemas import NetworkReportEntry, Reader, ReportedKind

LONGEST_REPORT = 3000
_COLUMNS = {
    ReportedKind.QUESTION: "open_question_id",
    ReportedKind.ANSWER: "open_answer_id",
    ReportedKind.MESSAGE: "message_id",
    ReportedKind.CONTACT: "contact_request_id",
}


class Reporting(Asking, Answering):
    """Reports, blocks, and what moderators do about them."""

    async def report(self, reader: Reader, kind: ReportedKind, about_id: UUID, reason: ReportReason, text: str) -> UUID:
        """Report a question, an answer, a message or a contact request that one may read; twice is once.

        Raises ``UnknownOpenQuestion``, ``UnknownOpenAnswer``, ``QuestionInvalid``, ``TooManyQuestions``, and what
        ``ContactService.get`` raises.
        """
        await self._writer(reader, kind, about_id)
        reports = ReportedRepository(self._unit.session)
        same = await reports.same(reader.member_id, about_id)
        if same is not None:
            return same.id
        reported = await reports.reported_since(now() - DAY, member=reader.member_id)
        if len(reported) >= MOST_REPORTS:
            problem = _("You have reported very much today. Please go on tomorrow.")
            raise TooManyQuestions(problem, wait=room_in(reported, DAY, MOST_REPORTS))
        text = checked_text(text, LONGEST_REPORT)
        about = {_COLUMNS[kind]: about_id}
        row = NetworkReport(id=new_id(), member_id=reader.member_id, reason=reason, text=text, **about)
        row.created_at = now()
        await reports.add(row)
        moderators = await reports.able(Role.MODERATOR) or await reports.able(Role.ADMINISTRATOR)
        for member in moderators:
            await tell(self._unit.session, "question.reported", member_id=member, data={"report": str(row.id)})
        get_logger().info("network_reported", report=str(row.id), kind=kind.value, reason=reason.value)
        return row.id

    async def _writer(self, reader: Reader, kind: ReportedKind, about_id: UUID) -> UUID | None:
        """Return who wrote something that a reader may read, as far as that is still known."""
        match kind:
            case ReportedKind.QUESTION:
                question, _house, _name = await self._readable(about_id, reader)
                return question.member_id
            case ReportedKind.ANSWER:
                (answer, _house, _name), _question = await self._readable_answer(about_id, reader)
                return answer.member_id
            case ReportedKind.MESSAGE:
                await self.find_message(about_id, reader)
                message = await self._repository.message(about_id)
                return message.member_id if message else None
            case ReportedKind.CONTACT:
                await ContactService(self._unit).get(about_id, reader.member_id)
                request = await ReportedRepository(self._unit.session).contact(about_id)
                return request.from_member_id if request else None

    async def block_author(self, reader: Reader, kind: ReportedKind, about_id: UUID) -> None:
        """Want nothing more from whoever wrote something that one got, without learning who it is; twice is once.

        Raises ``UnknownOpenQuestion``, ``UnknownOpenAnswer``, and what ``ContactService`` raises.
        """
        if kind is ReportedKind.CONTACT:
            await ContactService(self._unit).block(about_id, reader.member_id)
            return
        writer, reports = await self._writer(reader, kind, about_id), ReportedRepository(self._unit.session)
        if writer is None or writer == reader.member_id or await reports.is_blocked(reader.member_id, writer):
            return
        await reports.add(Block(member_id=reader.member_id, blocked_id=writer, created_at=now()))

    async def open_reports(self) -> Sequence[NetworkReportEntry]:
        """Return what was reported and not looked at, the oldest first; for moderators."""
        return [_entry(row) for row in await ReportedRepository(self._unit.session).waiting()]

    async def find_report(self, report_id: UUID) -> NetworkReportEntry | None:
        """Return a report that nobody has looked at; for moderators."""
        return next((entry for entry in await self.open_reports() if entry.id == report_id), None)

    async def close_report(self, report_id: UUID, moderator_id: UUID, *, remove: bool) -> None:
        """Close a report; with ``remove``, what was reported is taken out and its author is told.

        Raises ``UnknownOpenQuestion`` where there is no such report, or somebody was faster.
        """
        reports = ReportedRepository(self._unit.session)
        row = await reports.locked(report_id)
        if row is None:
            raise UnknownOpenQuestion
        row.closed_at, row.closed_by = now(), moderator_id
        await self._unit.session.flush()
        action = "questions:remove" if remove else "questions:close_report"
        await record(self._unit.session, action, ("network_report", row.id), by=moderator_id, reason=row.reason.value)
        if remove:
            await self._remove(row, reports)

    async def _remove(self, row: NetworkReport, reports: ReportedRepository) -> None:
        if row.open_question_id is not None:
            await self._remove_question(row.open_question_id)
        elif row.open_answer_id is not None:
            await self._remove_answer(row.open_answer_id)
        elif row.message_id is not None:
            answer = await reports.answer_of(row.message_id)
            message = await reports.message(row.message_id)
            await reports.delete_message(row.message_id)
            if answer is not None and message is not None:
                await self._tell("question.removed", message.member_id, None, question=answer.open_question_id)
        elif row.contact_request_id is not None:
            # Only where it is open still: its person may be saying yes at this moment.
            contacts = ContactService(self._unit).repository
            await contacts.decide(row.contact_request_id, ContactState.EXPIRED, decided_at=now())
            await contacts.erase_words(row.contact_request_id)

    async def _remove_question(self, question_id: UUID) -> None:
        question = await self._question(question_id)
        if question.state is not OpenQuestionState.WITHDRAWN:
            await self._take_back(question)
            await self._tell("question.removed", question.member_id, question.identity_id, question=question.id)

    async def _remove_answer(self, answer_id: UUID) -> None:
        try:
            answer, question = await self._answer(answer_id)
        except UnknownOpenAnswer:
            return
        if answer.withdrawn_at is None:
            await self._erase_answer(answer, question)
            await self._tell("question.removed", answer.member_id, answer.identity_id, question=question.id)


def _entry(row: ReportRow) -> NetworkReportEntry:
    report, question, answer, message, contact = row
    about = question or answer or message or contact
    kind = next(kind for kind, column in _COLUMNS.items() if getattr(report, column) is not None)
    question_id = question.id if question else answer.open_question_id if answer else None
    return NetworkReportEntry(
        id=report.id,
        kind=kind,
        about_id=getattr(report, _COLUMNS[kind]),
        question_id=question_id,
        words=about.text if about else "",
        reason=report.reason.value,
        text=report.text,
        created_at=report.created_at,
    )
