"""Members, as moderators and administrators read and change them."""

from datetime import datetime
from uuid import UUID

from pydantic import Field

from hub.api.schemas import Sent, Shown
from hub.api.schemas_network import EXAMPLE_ID, EXAMPLE_TIME, Flag, Number
from knowledge.circles.service import MOST_TOPICS
from knowledge.members.directory.schemas import MemberDetails, MemberLine, MemberState
from knowledge.members.invitations import LONGEST_DAYS
from knowledge.members.service import LONGEST_NAME
from knowledge.models.chat import Network
from knowledge.models.member import Role

USUAL_DAYS, MOST_HOUSES, LONGEST_KEY = 14, 100, 80
KEY_EXAMPLE = "120615108000"


class Member(Shown):
    """Somebody who takes part, or took part."""

    id: UUID = Field(examples=[EXAMPLE_ID])
    name: str = Field(examples=["Kim Beispiel"])
    role: Role = Field(examples=["member"])
    organisation_key: str | None = Field(examples=[KEY_EXAMPLE])
    organisation: str | None = Field(examples=["Stadt Musterau"])
    state: MemberState = Field(examples=["active"])
    releases: bool = Field(description="Releases what their organisation contributes.", examples=[False])
    created_at: datetime = Field(examples=[EXAMPLE_TIME])
    organisations: list[str] | None = Field(
        default=None,
        description="Keys of the organisations that a moderator looks after; not in lists. Without any, and without "
        "topics: all.",
        examples=[[]],
    )
    topics: list[str] | None = Field(
        default=None, description="The topics that a moderator looks after.", examples=[[]]
    )
    networks: list[Network] | None = Field(
        default=None, description="Where they chat; not in lists.", examples=[["matrix"]]
    )


class MemberUpdate(Sent):
    """All of what a member is to be."""

    name: str = Field(min_length=1, max_length=LONGEST_NAME, examples=["Kim Beispiel"])
    organisation: str | None = Field(
        max_length=LONGEST_KEY, description="A key; `null` for nobody's staff.", examples=[KEY_EXAMPLE]
    )
    role: Role = Field(examples=["moderator"])
    releases: Flag = Field(default=False, description="Releases what their organisation contributes.")
    organisations: list[str] = Field(
        default=[], max_length=MOST_HOUSES, description="For moderators: keys.", examples=[[]]
    )
    topics: list[str] = Field(default=[], max_length=MOST_TOPICS, description="For moderators.", examples=[["Straßen"]])


class NewInvitation(Sent):
    """Whom to invite."""

    role: Role = Field(default=Role.MEMBER, examples=["member"])
    organisation: str | None = Field(
        default=None, max_length=LONGEST_KEY, description="A key; without it, nobody's staff.", examples=[KEY_EXAMPLE]
    )
    name: str | None = Field(
        default=None,
        min_length=1,
        max_length=LONGEST_NAME,
        description="Without it, they say it themselves.",
        examples=["Kim Beispiel"],
    )
    days: Number = Field(
        default=USUAL_DAYS, ge=1, le=LONGEST_DAYS, description="How long the code works.", examples=[14]
    )


class Invitation(Shown):
    """A one-time code; it is told this once."""

    id: UUID = Field(examples=[EXAMPLE_ID])
    code: str = Field(examples=["K7QM-42XD-9HTR"])
    expires_at: datetime = Field(examples=[EXAMPLE_TIME])


def member_line_of(line: MemberLine) -> Member:
    """Return a member of a list as it is sent."""
    return Member(
        id=line.id,
        name=line.name,
        role=line.role,
        organisation_key=line.organisation_key,
        organisation=line.organisation_name,
        state=line.state,
        releases=line.releases,
        created_at=line.created_at,
    )


def member_of(details: MemberDetails) -> Member:
    """Return a member as it is sent."""
    more = {
        "organisations": list(details.organisations),
        "topics": list(details.topics),
        "networks": list(details.networks),
    }
    return member_line_of(details.line).model_copy(update=more)
