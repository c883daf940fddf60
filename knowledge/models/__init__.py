"""All tables; importing this package makes the metadata complete."""

from knowledge.models.answer import Answer, Question
from knowledge.models.base import Base
from knowledge.models.chat import Chat, ChatIdentity, Circle
from knowledge.models.conversation import Dialogue, Exchange, SentMessage, Vote, Watch
from knowledge.models.document import Document, DocumentBand, DocumentVersion, Passage
from knowledge.models.erasure import Erasure
from knowledge.models.invitation import Invitation, MailDomain
from knowledge.models.job import Job
from knowledge.models.member import Member
from knowledge.models.message import Cursor, IncomingEvent, OutgoingMessage
from knowledge.models.organisation import Organisation
from knowledge.models.synonym import Abbreviation, SynonymGroup, SynonymTerm

__all__ = [
    "Abbreviation",
    "Answer",
    "Base",
    "Chat",
    "ChatIdentity",
    "Circle",
    "Cursor",
    "Dialogue",
    "Document",
    "DocumentBand",
    "DocumentVersion",
    "Erasure",
    "Exchange",
    "IncomingEvent",
    "Invitation",
    "Job",
    "MailDomain",
    "Member",
    "Organisation",
    "OutgoingMessage",
    "Passage",
    "Question",
    "SentMessage",
    "SynonymGroup",
    "SynonymTerm",
    "Vote",
    "Watch",
]
