"""What is kept for a time only: since when, and for how long."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, CursorResult, and_, delete, exists, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from knowledge.mailing.limits import UNCONFIRMED_KEPT
from knowledge.members.jobs import SEND_CODE
from knowledge.models.access import HubSession, KeptForm, SignInAttempts, SignInLink, UsedForm
from knowledge.models.answer import Question
from knowledge.models.base import Base
from knowledge.models.chat import Chat, ChatIdentity, Network
from knowledge.models.contribution import Contribution, ContributionState, KeepRequest
from knowledge.models.conversation import Dialogue, Exchange, SentMessage, Watch
from knowledge.models.digest import Digest
from knowledge.models.erasure import Erasure
from knowledge.models.invitation import Invitation
from knowledge.models.job import Job
from knowledge.models.mail import MailSubscription
from knowledge.models.message import IncomingEvent, OutgoingMessage, SendState
from knowledge.models.notice import Notice
from knowledge.models.page_report import PageReport
from knowledge.models.token import ApiRequest, ApiToken
from knowledge.models.training import Training, TrainingState
from knowledge.models.webchat import WebConversation, WebFile
from knowledge.page_reports.service import DONE_KEPT, UNDONE_KEPT
from knowledge.privacy.erasure_log import KEPT
from knowledge.tokens.requests import ANSWERS_KEPT
from knowledge.tokens.service import ENDED_KEPT
from knowledge.trainings.times import NAMES_KEPT
from knowledge.webchat.keeping import FILES_KEPT, MEMBER_KEPT, VISITOR_KEPT

# Rows deleted in one transaction.
TOGETHER = 500
# How long notes on messages are kept so that nothing is handled or sent twice, and codes to say that they were used.
NOTES_KEPT = timedelta(days=7)
# How long somebody is remembered who has not come back and has nothing that is theirs.
UNSEEN_KEPT = timedelta(days=365)
# How long a draft that nobody touches is kept, and a contribution after it was rejected or withdrawn.
DRAFTS_KEPT = timedelta(days=180)
# How long it is known that somebody was told something.
NOTICES_KEPT = timedelta(days=30)
# How long it is counted what was tried in vain.
ATTEMPTS_KEPT = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Rule:
    """Rows of ``model`` are kept for ``kept`` after ``since``; ``only`` says which of them this is about."""

    model: type[Base]
    key: InstrumentedAttribute[Any]
    since: InstrumentedAttribute[Any]
    kept: timedelta = timedelta()
    only: ColumnElement[bool] | None = None

    def due(self, moment: datetime) -> ColumnElement[bool]:
        """The condition for rows whose time was over at ``moment``."""
        over = self.since <= moment - self.kept
        return over if self.only is None else and_(over, self.only)


def rules(question_days: int) -> Mapping[str, Rule]:
    """Return what is deleted by itself, in an order in which nothing has to wait for the next run.

    Exchanges need more than a deletion, and are listed so that it is noticed when they are overdue.
    """
    state = Contribution.state
    draft, rejected = state == ContributionState.DRAFT, state == ContributionState.REJECTED
    withdrawn = state == ContributionState.WITHDRAWN
    sent, failed = OutgoingMessage.state == SendState.SENT, OutgoingMessage.state == SendState.FAILED
    return {
        "exchanges": Rule(Exchange, Exchange.id, Exchange.expires_at),
        "watches": Rule(Watch, Watch.id, Watch.expires_at),
        "told_watches": Rule(Watch, Watch.id, Watch.told_at, NOTES_KEPT),
        "questions": Rule(Question, Question.id, Question.created_at, timedelta(days=question_days), _unwatched()),
        "dialogues": Rule(Dialogue, Dialogue.id, Dialogue.expires_at),
        "sent_messages": Rule(SentMessage, SentMessage.event, SentMessage.expires_at),
        "incoming_events": Rule(IncomingEvent, IncomingEvent.id, IncomingEvent.handled_at, NOTES_KEPT),
        "outgoing_messages": Rule(OutgoingMessage, OutgoingMessage.id, OutgoingMessage.sent_at, NOTES_KEPT, sent),
        "failed_messages": Rule(OutgoingMessage, OutgoingMessage.id, OutgoingMessage.created_at, NOTES_KEPT, failed),
        "used_invitations": Rule(Invitation, Invitation.id, Invitation.used_at, NOTES_KEPT),
        "invitations": Rule(Invitation, Invitation.id, Invitation.expires_at, NOTES_KEPT),
        "mails": Rule(Job, Job.id, Job.created_at, NOTES_KEPT, Job.kind == SEND_CODE),
        "unconfirmed_mail": Rule(
            MailSubscription,
            MailSubscription.identity_id,
            MailSubscription.created_at,
            UNCONFIRMED_KEPT,
            MailSubscription.confirmed_at.is_(None),
        ),
        "mail_addresses": Rule(ChatIdentity, ChatIdentity.id, ChatIdentity.seen_at, UNCONFIRMED_KEPT, _unwanted_mail()),
        "identities": Rule(ChatIdentity, ChatIdentity.id, ChatIdentity.seen_at, UNSEEN_KEPT, _without_links()),
        "drafts": Rule(Contribution, Contribution.id, Contribution.updated_at, DRAFTS_KEPT, draft),
        "rejected": Rule(Contribution, Contribution.id, Contribution.decided_at, DRAFTS_KEPT, rejected),
        "withdrawn": Rule(Contribution, Contribution.id, Contribution.updated_at, DRAFTS_KEPT, withdrawn),
        "keep_requests": Rule(KeepRequest, KeepRequest.id, KeepRequest.expires_at),
        "digests": Rule(Digest, Digest.id, Digest.done_at, NOTICES_KEPT),
        "notices": Rule(Notice, Notice.id, Notice.told_at, NOTICES_KEPT),
        "sign_in_links": Rule(SignInLink, SignInLink.id, SignInLink.expires_at),
        "hub_sessions": Rule(HubSession, HubSession.id, HubSession.expires_at),
        "kept_forms": Rule(KeptForm, KeptForm.id, KeptForm.expires_at),
        "used_forms": Rule(UsedForm, UsedForm.key, UsedForm.used_at, NOTES_KEPT),
        "done_page_reports": Rule(PageReport, PageReport.number, PageReport.done_at, DONE_KEPT),
        "page_reports": Rule(PageReport, PageReport.number, PageReport.created_at, UNDONE_KEPT),
        "sign_in_attempts": Rule(SignInAttempts, SignInAttempts.key, SignInAttempts.since, ATTEMPTS_KEPT),
        **_web_rules(),
        "api_requests": Rule(ApiRequest, ApiRequest.key, ApiRequest.created_at, ANSWERS_KEPT),
        "revoked_tokens": Rule(ApiToken, ApiToken.id, ApiToken.revoked_at, ENDED_KEPT),
        "expired_tokens": Rule(ApiToken, ApiToken.id, ApiToken.expires_at, ENDED_KEPT),
        "erasures": Rule(Erasure, Erasure.digest, Erasure.erased_at, KEPT),
    }


def _web_rules() -> Mapping[str, Rule]:
    """Return what goes of conversations in the browser; with each goes its chat, and who was only a visitor."""
    visiting, on_web = WebConversation.visitor.is_(True), Chat.network == Network.WEB
    spoken, conversation, file = WebConversation.spoken_at, WebConversation.chat_id, WebFile.picture.is_(False)
    silent = and_(on_web, ~exists().where(conversation == Chat.id))
    alone = and_(
        ChatIdentity.network == Network.WEB,
        ChatIdentity.member_id.is_(None),
        ~exists().where(Chat.identity_id == ChatIdentity.id),
    )
    return {
        "web_files": Rule(WebFile, WebFile.message_id, WebFile.created_at, FILES_KEPT, file),
        "web_visits": Rule(WebConversation, conversation, spoken, VISITOR_KEPT, visiting),
        "web_conversations": Rule(WebConversation, conversation, spoken, MEMBER_KEPT),
        "web_chats": Rule(Chat, Chat.id, Chat.created_at, VISITOR_KEPT, silent),
        "web_visitors": Rule(ChatIdentity, ChatIdentity.id, ChatIdentity.created_at, VISITOR_KEPT, alone),
    }


def watched() -> Mapping[str, Rule]:
    """Return what others let go, only so that it is noticed when that is overdue: nothing is deleted by these rules."""
    named = and_(Training.state != TrainingState.DRAFT, Training.cleared_at.is_(None))
    return {"registrations": Rule(Training, Training.id, Training.ends_at, NAMES_KEPT, named)}


def _unwatched() -> ColumnElement[bool]:
    return ~exists().where(Watch.question_id == Question.id)


def _unwanted_mail() -> ColumnElement[bool]:
    wanted = exists().where(MailSubscription.identity_id == ChatIdentity.id)
    return and_(ChatIdentity.network == Network.MAIL, ~wanted)


def _without_links() -> ColumnElement[bool]:
    mine = ChatIdentity.id
    return and_(
        ChatIdentity.member_id.is_(None),
        ~exists().where(Exchange.asker_id == mine),
        ~exists().where(Watch.identity_id == mine),
        ~exists().where(Dialogue.identity_id == mine),
    )


class ExpiryRepository:
    """Deleting what is over, over one session; whoever opened it commits."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def delete_some(self, rule: Rule, moment: datetime) -> int:
        """Delete rows of a rule whose time is over, some at a time; returns how many."""
        due = rule.due(moment)
        some = select(rule.key).where(due).limit(TOGETHER).scalar_subquery()
        result = await self._session.execute(delete(rule.model).where(due, rule.key.in_(some)))
        return result.rowcount if isinstance(result, CursorResult) else 0

    async def oldest(self, rule: Rule, moment: datetime) -> datetime | None:
        """Return since when the oldest row is over of those that were over at ``moment``."""
        since: datetime | None = await self._session.scalar(select(func.min(rule.since)).where(rule.due(moment)))
        return since + rule.kept if since else None
