"""All tables; importing this package makes the metadata complete."""

from knowledge.models.access import (
    Credential,
    HubSession,
    KeptForm,
    ModeratorScope,
    RecoveryCode,
    SignInAttempts,
    SignInLink,
    UsedForm,
)
from knowledge.models.answer import Answer, AnswerDocument, Question
from knowledge.models.audit import AuditEntry
from knowledge.models.base import Base
from knowledge.models.chat import Chat, ChatIdentity, Circle
from knowledge.models.contribution import (
    Audience,
    AudienceCircle,
    Contribution,
    ContributionMessage,
    KeepRequest,
    Report,
)
from knowledge.models.conversation import Dialogue, Exchange, SentMessage, Vote, Watch
from knowledge.models.document import Document, DocumentBand, DocumentVersion, Passage
from knowledge.models.erasure import Erasure
from knowledge.models.invitation import Invitation, MailDomain
from knowledge.models.job import Job
from knowledge.models.member import Member
from knowledge.models.message import Cursor, IncomingEvent, OutgoingMessage
from knowledge.models.notice import Notice
from knowledge.models.organisation import Organisation
from knowledge.models.synonym import Abbreviation, SynonymGroup, SynonymTerm

__all__ = [
    "Abbreviation",
    "Answer",
    "AnswerDocument",
    "Audience",
    "AudienceCircle",
    "AuditEntry",
    "Base",
    "Chat",
    "ChatIdentity",
    "Circle",
    "Contribution",
    "ContributionMessage",
    "Credential",
    "Cursor",
    "Dialogue",
    "Document",
    "DocumentBand",
    "DocumentVersion",
    "Erasure",
    "Exchange",
    "HubSession",
    "IncomingEvent",
    "Invitation",
    "Job",
    "KeepRequest",
    "KeptForm",
    "MailDomain",
    "Member",
    "ModeratorScope",
    "Notice",
    "Organisation",
    "OutgoingMessage",
    "Passage",
    "Question",
    "RecoveryCode",
    "Report",
    "SentMessage",
    "SignInAttempts",
    "SignInLink",
    "SynonymGroup",
    "SynonymTerm",
    "UsedForm",
    "Vote",
    "Watch",
]
