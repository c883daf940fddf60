"""What the network's resources have in common: strict values, moments, topics, and texts that are looked at first."""

from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import AfterValidator, AwareDatetime, BeforeValidator, Field

from hub.api.schemas import Shown
from knowledge.personal_data.schemas import Finding, FindingKind
from knowledge.topics.tree import TopicEntry

EXAMPLE_ID = "0b7c1f5e-6a57-4c8e-9d0f-2f1f5f3c9d11"
EXAMPLE_TIME = "2026-11-22T09:00:00Z"
EARLIEST, LATEST = 2000, 2200


def _only_text(value: Any) -> Any:
    if not isinstance(value, str | datetime):
        raise ValueError("a date and time in text is needed")
    return value


def _in_our_time(value: datetime) -> datetime:
    if not EARLIEST <= value.year <= LATEST:
        raise ValueError("the year is out of range")
    return value.astimezone(UTC)


# A moment that is sent: with its offset, and no number that might be taken for seconds.
Moment = Annotated[AwareDatetime, BeforeValidator(_only_text), AfterValidator(_in_our_time)]
# As JSON means them: no words and numbers that might be taken for yes and no, and no words for numbers.
Flag = Annotated[bool, Field(strict=True)]
Number = Annotated[int, Field(strict=True)]


class Topic(Shown):
    """A topic of the network's tree."""

    id: UUID = Field(examples=[EXAMPLE_ID])
    name: str = Field(description="In the language of the request.", examples=["Trinkwasser"])


def topic_of(entry: TopicEntry) -> Topic:
    """Return a topic as it is sent."""
    return Topic(id=entry.id, name=entry.name)


class FoundData(Shown):
    """Something that looks like personal data; its writer decides whether it may stay."""

    kind: FindingKind = Field(description="What it looks like.", examples=["phone"])
    start: int = Field(description="Where in the text it begins.", examples=[31])
    end: int = Field(description="Where it ends: the place after its last character.", examples=[43])
    text: str = Field(examples=["03375 555 010"])


def found_data_of(finding: Finding) -> FoundData:
    """Return a finding as it is sent."""
    return FoundData(kind=finding.kind, start=finding.start, end=finding.end, text=finding.text)


FINDINGS_MAY_STAY = (
    "Whether what looks like personal data in the text may stay. Without it, such a text is refused (422, "
    "`questions.findings`) and nothing is sent to anybody."
)
