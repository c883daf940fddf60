"""All tables; importing this package makes the metadata complete."""

from knowledge.models.answer import Answer, Question
from knowledge.models.base import Base
from knowledge.models.document import Document, DocumentBand, DocumentVersion, Passage
from knowledge.models.job import Job
from knowledge.models.member import Member
from knowledge.models.organisation import Organisation
from knowledge.models.synonym import Abbreviation, SynonymGroup, SynonymTerm

__all__ = [
    "Abbreviation",
    "Answer",
    "Base",
    "Document",
    "DocumentBand",
    "DocumentVersion",
    "Job",
    "Member",
    "Organisation",
    "Passage",
    "Question",
    "SynonymGroup",
    "SynonymTerm",
]
