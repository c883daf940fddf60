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
from knowledge.models.certificate import Certificate
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
from knowledge.models.digest import Digest
from knowledge.models.directory import DirectoryLink, DirectoryProvider
from knowledge.models.document import Document, DocumentBand, DocumentVersion, Passage
from knowledge.models.erasure import Erasure
from knowledge.models.figure import Figure, FigureBound
from knowledge.models.gap import Gap, GapQuestion, GapTopic
from knowledge.models.handover import Handover
from knowledge.models.index_change import IndexChange
from knowledge.models.invitation import Invitation, MailDomain
from knowledge.models.job import Job
from knowledge.models.lesson import (
    CircleLesson,
    CirclePath,
    Lesson,
    LessonAnswer,
    LessonPath,
    LessonPathItem,
    LessonPicture,
    LessonRun,
    LessonTopic,
    LessonVersion,
    SelfCheck,
)
from knowledge.models.mail import MailSubscription
from knowledge.models.member import Member
from knowledge.models.message import Cursor, IncomingEvent, OutgoingMessage
from knowledge.models.notice import Notice
from knowledge.models.organisation import Organisation
from knowledge.models.page_report import PageReport
from knowledge.models.peer import Block, ContactRequest
from knowledge.models.question import (
    NetworkReport,
    OpenAnswer,
    OpenAnswerMessage,
    OpenQuestion,
    OpenQuestionFollower,
    OpenQuestionRoute,
    OpenQuestionTold,
    OpenQuestionTopic,
)
from knowledge.models.synonym import Abbreviation, SynonymGroup, SynonymTerm
from knowledge.models.token import ApiRequest, ApiToken
from knowledge.models.topic import DocumentTopic, MemberTopic, Topic, TopicWord
from knowledge.models.training import (
    CalendarFeed,
    Registration,
    Training,
    TrainingDate,
    TrainingFeedback,
    TrainingInquiry,
    TrainingMaterial,
    TrainingQuestion,
    TrainingReminder,
    TrainingTopic,
)
from knowledge.models.webchat import WebConversation, WebFile, WebMessage

__all__ = [
    "Abbreviation",
    "Answer",
    "AnswerDocument",
    "ApiRequest",
    "ApiToken",
    "Audience",
    "AudienceCircle",
    "AuditEntry",
    "Base",
    "Block",
    "CalendarFeed",
    "Certificate",
    "Chat",
    "ChatIdentity",
    "Circle",
    "CircleLesson",
    "CirclePath",
    "ContactRequest",
    "Contribution",
    "ContributionMessage",
    "Credential",
    "Cursor",
    "Dialogue",
    "Digest",
    "DirectoryLink",
    "DirectoryProvider",
    "Document",
    "DocumentBand",
    "DocumentTopic",
    "DocumentVersion",
    "Erasure",
    "Exchange",
    "Figure",
    "FigureBound",
    "Gap",
    "GapQuestion",
    "GapTopic",
    "Handover",
    "HubSession",
    "IncomingEvent",
    "IndexChange",
    "Invitation",
    "Job",
    "KeepRequest",
    "KeptForm",
    "Lesson",
    "LessonAnswer",
    "LessonPath",
    "LessonPathItem",
    "LessonPicture",
    "LessonRun",
    "LessonTopic",
    "LessonVersion",
    "MailDomain",
    "MailSubscription",
    "Member",
    "MemberTopic",
    "ModeratorScope",
    "NetworkReport",
    "Notice",
    "OpenAnswer",
    "OpenAnswerMessage",
    "OpenQuestion",
    "OpenQuestionFollower",
    "OpenQuestionRoute",
    "OpenQuestionTold",
    "OpenQuestionTopic",
    "Organisation",
    "OutgoingMessage",
    "PageReport",
    "Passage",
    "Question",
    "RecoveryCode",
    "Registration",
    "Report",
    "SelfCheck",
    "SentMessage",
    "SignInAttempts",
    "SignInLink",
    "SynonymGroup",
    "SynonymTerm",
    "Topic",
    "TopicWord",
    "Training",
    "TrainingDate",
    "TrainingFeedback",
    "TrainingInquiry",
    "TrainingMaterial",
    "TrainingQuestion",
    "TrainingReminder",
    "TrainingTopic",
    "UsedForm",
    "Vote",
    "Watch",
    "WebConversation",
    "WebFile",
    "WebMessage",
]
