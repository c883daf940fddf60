"""Whether something that was published answers a question that had no good answer."""

import math
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from knowledge.access.visibility import Viewer, network_member
from knowledge.kit.errors import InvalidInput
from knowledge.library.answers.service import AnswerService
from knowledge.models.document import Document
from knowledge.watches.service import FreshViewer

CLOSE_LINE = 0.6
"""Of what was published since, an answer closes a gap from this confidence on."""

NEWS_LINE, NEWS_GAIN = 0.4, 3.25
"""It also does from this confidence on where it is so much more (in log-odds) than all that was there before gave:
what is on the matter changes much, what shares some words with the question does not. See docs/measurements.md
("Gaps") for how the lines were chosen."""


@dataclass(frozen=True, slots=True)
class EarlierViewer(Viewer):
    """Somebody who finds what was there before a moment."""

    until: datetime | None = None

    def may_find(self, document: Document) -> bool:
        """Whether ``document`` was there already, as it is now."""
        return Viewer.may_find(self, document) and (self.until is None or document.updated_at < self.until)


@dataclass(frozen=True, slots=True)
class Again:
    """A question to be asked again: of all there is, or (``since``) of what came or changed since a moment."""

    text: str
    since: datetime | None = None
    badly_answered: bool = False


async def answered_by(answers: AnswerService, question: Again) -> UUID | None:
    """Return the document that answers a question for every member now; outside of any transaction.

    Raises ``Unavailable`` where the words index cannot be asked.
    """
    everything = network_member()
    viewer = everything if question.since is None else FreshViewer(everything.access, None, question.since)
    try:
        reply = (await answers.prepare(question.text, viewer)).reply
    except InvalidInput:
        return None  # words that the library cannot be asked with
    if not reply.answered or not reply.citations:
        return None
    key = UUID(reply.citations[0].document)
    if question.since is None or reply.confidence >= CLOSE_LINE:
        return key
    # Who was helped badly had an answer, of whatever confidence: there the gain says nothing.
    if question.badly_answered or reply.confidence < NEWS_LINE:
        return None
    before = await answers.prepare(question.text, EarlierViewer(everything.access, None, question.since))
    gain = _log_odds(reply.confidence) - _log_odds(before.reply.confidence)
    return key if gain >= NEWS_GAIN else None


def _log_odds(confidence: float) -> float:
    sure = min(max(confidence, 0.001), 0.999)
    return math.log(sure / (1 - sure))
