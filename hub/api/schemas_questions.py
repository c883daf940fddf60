"""Open questions and their answers, as they are sent and read."""

from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import Field

from hub.api.schemas import Sent, Shown
from hub.api.schemas_network import (
    EXAMPLE_ID,
    EXAMPLE_TIME,
    FINDINGS_MAY_STAY,
    Flag,
    FoundData,
    Topic,
    found_data_of,
    topic_of,
)
from knowledge.models.document import Visibility
from knowledge.models.question import OpenQuestionState, ReleasedAs
from knowledge.questions.asking import MOST_TOPICS
from knowledge.questions.base import LONGEST_ANSWER, LONGEST_MESSAGE, LONGEST_QUESTION
from knowledge.questions.schemas import (
    OpenAnswerEntry,
    OpenMessageEntry,
    OpenQuestionEntry,
    PreparedQuestion,
    QuestionStatus,
    Stage,
)

ASKED = "Wer hat schon einen Trinkbrunnen am Marktplatz gebaut, und was kostet der Betrieb?"
ANSWERED = "Wir haben zwei Brunnen. Der Betrieb kostet uns 900 Euro im Jahr."
WRITTEN = "Wer wartet die Brunnen bei Ihnen?"


class NewOpenQuestion(Sent):
    """A question for the network."""

    text: str = Field(max_length=LONGEST_QUESTION, examples=[ASKED])
    released_as: ReleasedAs | None = Field(
        default=None,
        description=(
            "Whose question it is for others: your name, your organisation, or neither. Without it: your "
            "organisation, or anonymous where you belong to none."
        ),
        examples=["organisation"],
    )
    topics: list[UUID] | None = Field(
        default=None,
        max_length=MOST_TOPICS,
        description="Without it, the topics are taken that the words suggest.",
        examples=[[EXAMPLE_ID]],
    )
    findings_may_stay: Flag = Field(default=False, description=FINDINGS_MAY_STAY)


class QuestionText(Sent):
    """A question that is to be looked at."""

    text: str = Field(max_length=LONGEST_QUESTION, examples=[ASKED])


class TopicChoice(Sent):
    """The topics that a question is to have."""

    topics: list[UUID] = Field(max_length=MOST_TOPICS, examples=[[EXAMPLE_ID]])


class NewOpenAnswer(Sent):
    """An answer to an open question."""

    text: str = Field(max_length=LONGEST_ANSWER, examples=[ANSWERED])
    answered_as: ReleasedAs | None = Field(
        default=None,
        description=(
            "Whose answer it is for others. Without it: your organisation's, or anonymous where you belong to none."
        ),
        examples=["name"],
    )
    findings_may_stay: Flag = Field(default=False, description=FINDINGS_MAY_STAY)


class Helped(Sent):
    """Whether an answer helped."""

    helped: Flag | None = Field(description="`null` takes back what was said before.", examples=[True])


class NewAnswerMessage(Sent):
    """A word more about an answer, for the other side alone."""

    text: str = Field(max_length=LONGEST_MESSAGE, examples=[WRITTEN])
    findings_may_stay: Flag = Field(default=False, description=FINDINGS_MAY_STAY)


class Answering(Shown):
    """What answers a question in the library."""

    id: UUID = Field(examples=[EXAMPLE_ID])
    title: str = Field(examples=["Trinkbrunnen in Musterau"])


class QuestionProgress(Shown):
    """How far a question came, for those whose question it is."""

    stage: Stage = Field(examples=["brought"])
    circles: int = Field(description="How many circles it was brought to.", examples=[2])
    asked_people: bool = Field(description="Whether people were asked who offered help with it.")
    people: int | None = Field(description="How many of them; `null` below three.", examples=[3])


class OpenQuestion(Shown):
    """An open question as its reader may see it."""

    id: UUID = Field(examples=[EXAMPLE_ID])
    text: str = Field(description="Empty once it was taken back.", examples=[ASKED])
    language: str = Field(examples=["de"])
    state: OpenQuestionState = Field(examples=["open"])
    released_as: ReleasedAs = Field(examples=["organisation"])
    asked_by: str | None = Field(
        description="Whose it is, as it was released; `null` where nothing may be said.", examples=["Stadt Musterau"]
    )
    visibility: Visibility = Field(description="`public`: also shown on foreign networks.", examples=["network"])
    topics: list[Topic]
    followers: int | None = Field(description="How many have it, too; `null` below three.", examples=[None])
    answer_count: int = Field(examples=[1])
    created_at: datetime = Field(examples=[EXAMPLE_TIME])
    closed_at: datetime | None = Field(examples=[None])
    document: Answering | None = Field(description="What answers it, where you may find that.", examples=[None])
    takes_answers: bool = Field(examples=[True])
    mine: bool = Field(description="You asked it.", examples=[False])
    joined: bool = Field(description="You said that it concerns you, too.", examples=[False])
    asked_me: bool = Field(description="It was brought to you.", examples=[False])
    progress: QuestionProgress | None = Field(description="For those whose question it is.", examples=[None])


class AnswerMessage(Shown):
    """What asker or answerer wrote to the other."""

    id: UUID = Field(examples=[EXAMPLE_ID])
    from_asker: bool = Field(examples=[True])
    text: str = Field(examples=[WRITTEN])
    mine: bool = Field(examples=[True])
    created_at: datetime = Field(examples=[EXAMPLE_TIME])


class OpenAnswer(Shown):
    """An answer as its reader may see it."""

    id: UUID = Field(examples=[EXAMPLE_ID])
    question_id: UUID = Field(examples=[EXAMPLE_ID])
    question_text: str = Field(examples=[ASKED])
    text: str = Field(examples=[ANSWERED])
    answered_as: ReleasedAs = Field(examples=["name"])
    answered_by: str | None = Field(
        description="Whose it is, as its author wants it; `null` where nothing may be said.",
        examples=["Kim Beispiel, Gemeinde Seefeld"],
    )
    helped: bool | None = Field(description="What the asker said; `null` as long as nothing was said.", examples=[None])
    mine: bool = Field(description="You wrote it.", examples=[False])
    asked_by_me: bool = Field(description="You asked the question.", examples=[True])
    contribution_id: UUID | None = Field(
        description="The contribution that was made of it, for its author alone.", examples=[None]
    )
    messages: list[AnswerMessage] = Field(description="For asker and answerer alone.")
    created_at: datetime = Field(examples=[EXAMPLE_TIME])


class OpenQuestionWithAnswers(OpenQuestion):
    """An open question with the answers that its reader may see: all for whoever has the question, else their own."""

    answers: list[OpenAnswer]


class LookedAtQuestion(Shown):
    """A question before its release: what is to be decided about it."""

    text: str = Field(description="As it would be released.", examples=[ASKED])
    findings: list[FoundData] = Field(description="What looks like personal data.")
    topics: list[Topic] = Field(description="What its words suggest.")
    similar: list[OpenQuestion] = Field(description="What others asked already; you may join one of them instead.")


def question_of(entry: OpenQuestionEntry) -> OpenQuestion:
    """Return a question as it is sent."""
    return OpenQuestion(**_values(entry))


def with_answers(entry: OpenQuestionEntry, answers: list[OpenAnswer]) -> OpenQuestionWithAnswers:
    """Return a question with answers as it is sent."""
    return OpenQuestionWithAnswers(**_values(entry), answers=answers)


def _values(entry: OpenQuestionEntry) -> dict[str, Any]:
    same = ("id", "text", "language", "state", "released_as", "asked_by", "visibility", "followers", "created_at")
    more = ("closed_at", "takes_answers", "mine", "joined", "asked_me")
    document = None
    if entry.document_id is not None and entry.document_title is not None:
        document = Answering(id=entry.document_id, title=entry.document_title)
    return {
        **{name: getattr(entry, name) for name in (*same, *more)},
        "topics": [topic_of(topic) for topic in entry.topics],
        "answer_count": entry.answers,
        "document": document,
        "progress": _progress_of(entry.status) if entry.status else None,
    }


def _progress_of(status: QuestionStatus) -> QuestionProgress:
    return QuestionProgress(
        stage=status.stage, circles=status.circles, asked_people=status.asked_people, people=status.people
    )


def answer_of(entry: OpenAnswerEntry) -> OpenAnswer:
    """Return an answer as it is sent."""
    return OpenAnswer(
        id=entry.id,
        question_id=entry.question_id,
        question_text=entry.question_text,
        text=entry.text,
        answered_as=entry.answered_as,
        answered_by=entry.answered_by,
        helped=entry.helped,
        mine=entry.mine,
        asked_by_me=entry.asked_by_me,
        contribution_id=entry.contribution_id,
        messages=[message_of(message) for message in entry.messages],
        created_at=entry.created_at,
    )


def message_of(entry: OpenMessageEntry) -> AnswerMessage:
    """Return a message as it is sent."""
    return AnswerMessage(
        id=entry.id, from_asker=entry.from_asker, text=entry.text, mine=entry.mine, created_at=entry.created_at
    )


def looked_at_of(prepared: PreparedQuestion) -> LookedAtQuestion:
    """Return what is to be decided about a question."""
    return LookedAtQuestion(
        text=prepared.text,
        findings=[found_data_of(finding) for finding in prepared.findings],
        topics=[topic_of(topic) for topic in prepared.topics],
        similar=[question_of(entry) for entry in prepared.similar],
    )
