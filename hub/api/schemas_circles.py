"""Circles and their settings, as they are sent and read."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from hub.api.schemas import Sent, Shown
from hub.api.schemas_network import EXAMPLE_ID, EXAMPLE_TIME, Flag, Number
from knowledge.circles.schemas import CircleStatus
from knowledge.circles.service import LONGEST_NAME, LONGEST_TOPIC, MOST_TOPICS
from knowledge.digests.schedule import LAST_DAY, LAST_HOUR
from knowledge.members.schemas import IssuedCode
from knowledge.models.chat import Network

TOPICS_EXAMPLE = ["Digitalisierung", "Straßen"]
# One topic each: what parts them in the hub's form is no part of one.
CircleTopic = Annotated[str, Field(min_length=1, max_length=LONGEST_TOPIC, pattern=r"^[^,;\n]+$")]


class CircleSettings(Shown):
    """How a circle is, for whoever looks after it."""

    network: Network | None = Field(description="Where its group is; `null`: none is linked.", examples=["matrix"])
    language: str | None = Field(description="What the bot speaks there; `null`: each one's own.", examples=["de"])
    topics: list[str] = Field(examples=[TOPICS_EXAMPLE])
    vouched_at: datetime | None = Field(
        description="When a moderator vouched that all of the group belong to the network.", examples=[EXAMPLE_TIME]
    )
    recognises: bool = Field(description="The bot offers answers to what is clearly a question.", examples=[False])
    paused: bool = Field(description="The bot is silent there.", examples=[False])
    digest_day: int | None = Field(
        description="The day of the week on which its digest comes, 0 for Monday; `null`: never.", examples=[0]
    )
    digest_hour: int = Field(examples=[8])
    finds: list[str] = Field(
        description="What its group finds, in words.", examples=[["Was öffentlich ist.", "Was für diesen Kreis ist."]]
    )
    unknown_topics: list[str] = Field(
        description="Topics that no topic of the tree goes by: nothing finds the circle by them.", examples=[[]]
    )
    created_at: datetime = Field(examples=[EXAMPLE_TIME])


class Circle(Shown):
    """A working circle."""

    id: UUID = Field(examples=[EXAMPLE_ID])
    name: str = Field(examples=["Digitale Infrastruktur"])
    settings: CircleSettings | None = Field(
        default=None, description="For whoever looks after the circle; not in lists.", examples=[None]
    )


class NewCircle(Sent):
    """A circle to be."""

    name: str = Field(min_length=1, max_length=LONGEST_NAME, examples=["Digitale Infrastruktur"])
    topics: list[CircleTopic] = Field(default=[], max_length=MOST_TOPICS, examples=[TOPICS_EXAMPLE])


class CircleUpdate(Sent):
    """All of how a circle is to be."""

    language: str | None = Field(pattern="^(de|en)$", description="`null`: each one's own.", examples=["de"])
    topics: list[CircleTopic] = Field(max_length=MOST_TOPICS, examples=[TOPICS_EXAMPLE])
    recognises: Flag = Field(description="Counts once a group is linked.", examples=[False])
    paused: Flag = Field(examples=[False])
    digest_day: Number | None = Field(ge=0, le=LAST_DAY, description="`null`: never.", examples=[0])
    digest_hour: Number = Field(default=8, ge=0, le=LAST_HOUR, examples=[8])


class GroupCode(Shown):
    """A one-time code that links a group to a circle; it is told this once."""

    circle: Circle
    code: str = Field(description="To be written in the group: `/verbinden CODE`.", examples=["K7QM-42XD-9HTR"])
    expires_at: datetime = Field(examples=[EXAMPLE_TIME])


def circle_of(circle: CircleStatus, *, finds: list[str], unknown_topics: list[str]) -> Circle:
    """Return a circle with its settings as it is sent."""
    settings = CircleSettings(
        network=circle.network,
        language=circle.language,
        topics=list(circle.topics),
        vouched_at=circle.vouched_at,
        recognises=circle.recognises_since is not None,
        paused=circle.paused,
        digest_day=circle.digest_day,
        digest_hour=circle.digest_hour,
        finds=finds,
        unknown_topics=unknown_topics,
        created_at=circle.created_at,
    )
    return Circle(id=circle.id, name=circle.name, settings=settings)


def group_code_of(circle: Circle, issued: IssuedCode) -> GroupCode:
    """Return a code as it is sent."""
    return GroupCode(circle=circle, code=issued.code, expires_at=issued.expires_at)
