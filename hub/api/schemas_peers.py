"""Peers, contact requests and one's own profile, as they are sent and read."""

from datetime import datetime
from uuid import UUID

from pydantic import Field

from hub.api.schemas import Sent, Shown
from hub.api.schemas_network import EXAMPLE_ID, EXAMPLE_TIME, FINDINGS_MAY_STAY, Flag, Number, Topic, topic_of
from knowledge.members.schemas import MemberEntry
from knowledge.models.chat import Network
from knowledge.models.member import Findable, Role
from knowledge.peers.profile import LAST_DAY, LAST_HOUR, MOST_LANGUAGES, MOST_TOPICS
from knowledge.peers.requests.words import LONGEST
from knowledge.peers.schemas import (
    Blocked,
    ContactCard,
    ContactEntry,
    Outlook,
    PeerFinds,
    PeerOrganisation,
    PeerPerson,
    Profile,
)
from knowledge.peers.schemas import Colleague as ColleagueEntry

WISHED = "Wir planen einen Trinkbrunnen und würden gern hören, wie es bei Ihnen lief."


class PeerDocument(Shown):
    """A published experience that you may find."""

    id: UUID = Field(examples=[EXAMPLE_ID])
    title: str = Field(examples=["Trinkbrunnen in Musterau"])


class PeerHouse(Shown):
    """An organisation to talk to."""

    id: UUID = Field(examples=[EXAMPLE_ID])
    name: str = Field(examples=["Musterau"])
    label: str = Field(description="Its legal form.", examples=["Stadt"])
    state: str | None = Field(description="The Land.", examples=["Brandenburg"])
    experiences: int = Field(description="How many of its experiences that you may find speak for it.", examples=[2])
    documents: list[PeerDocument] = Field(description="The newest of them, at most three.")
    likeness: float = Field(ge=0, le=1, description="How alike your organisation and this one are.", examples=[0.75])
    reason: str = Field(
        description="Why it is named, in the language of the request.",
        examples=["2 Erfahrungen zu „Trinkwasser“, ähnlich groß, im selben Landkreis"],
    )


class Peer(Shown):
    """A person who offered help; never by name: name and address are exchanged once both sides said yes."""

    key: UUID = Field(description="What `POST /contacts` takes as `to`.", examples=[EXAMPLE_ID])
    organisation: str | None = Field(examples=["Stadt Musterau"])
    topic: Topic | None = Field(description="What they offered help with.")
    languages: list[str] = Field(examples=[["de", "pl"]])
    likeness: float = Field(ge=0, le=1, examples=[0.75])
    reason: str = Field(examples=["kann bei „Trinkwasser“ helfen, ähnlich groß"])


class Peers(Shown):
    """Whom to talk to, best first."""

    topic: Topic | None = Field(description="What the words were understood as, where they are a topic.")
    organisations: list[PeerHouse]
    people: list[Peer]


class NewContact(Sent):
    """A contact request."""

    to: UUID = Field(description="The `key` of a person that `GET /peers` found.", examples=[EXAMPLE_ID])
    text: str = Field(
        max_length=LONGEST,
        description="What you would like to talk about; they read it with the name of your organisation.",
        examples=[WISHED],
    )
    topic: UUID | None = Field(default=None, description="The topic that the person was found by.", examples=[None])
    findings_may_stay: Flag = Field(default=False, description=FINDINGS_MAY_STAY)


class Address(Shown):
    """Where somebody can be written to."""

    network: Network = Field(examples=["matrix"])
    address: str = Field(examples=["@kim:musterau.example"])


class Card(Shown):
    """What is exchanged once both said yes."""

    name: str = Field(examples=["Kim Beispiel"])
    organisation: str | None = Field(examples=["Stadt Musterau"])
    addresses: list[Address]


class Contact(Shown):
    """A contact request as one of its two sides may see it."""

    id: UUID = Field(examples=[EXAMPLE_ID])
    mine: bool = Field(description="You asked.", examples=[True])
    state: Outlook = Field(
        description=(
            "`waiting`: sent, or to be decided by you. `exchanged`: both said yes. `not_available`: it came to "
            "nothing, for whatever reason."
        ),
        examples=["waiting"],
    )
    organisation: str | None = Field(description="The other side's.", examples=["Stadt Musterau"])
    topic: Topic | None = Field(examples=[None])
    text: str = Field(description="The asker's words, for the one who is to decide.", examples=[""])
    created_at: datetime = Field(examples=[EXAMPLE_TIME])
    expires_at: datetime = Field(description="Until when it may be decided.", examples=[EXAMPLE_TIME])
    card: Card | None = Field(description="The other side's, once both said yes.", examples=[None])


class Colleague(Shown):
    """Somebody of your organisation whom a contact request can be passed on to."""

    key: UUID = Field(description="What `to` takes when the request is passed on.", examples=[EXAMPLE_ID])
    name: str = Field(examples=["Kim Beispiel"])


class PassedOn(Sent):
    """To whom a contact request is passed on."""

    to: UUID = Field(description="The `key` of a colleague.", examples=[EXAMPLE_ID])


class Block(Shown):
    """Somebody whom you want no requests from; who that is, is told only where you know it anyway."""

    key: UUID = Field(description="Stands for the block, and for nobody.", examples=[EXAMPLE_ID])
    organisation: str | None = Field(
        description="Of whoever was blocked for a contact request; not for a question or an answer.",
        examples=["Stadt Musterau"],
    )
    name: str | None = Field(description="Where names were exchanged before.", examples=[None])
    created_at: datetime = Field(examples=[EXAMPLE_TIME])


class OwnProfile(Shown):
    """What a member is, and says of themselves."""

    id: UUID = Field(examples=[EXAMPLE_ID])
    name: str = Field(examples=["Kim Beispiel"])
    role: Role = Field(examples=["member"])
    organisation_key: str | None = Field(examples=["120615108000"])
    organisation: str | None = Field(examples=["Stadt Musterau"])
    helps: list[Topic] = Field(description="What you can help others with.")
    seeks: list[Topic] = Field(description="What you want to hear about.")
    languages: list[str] = Field(description="Two-letter codes.", examples=[["de"]])
    findable: Findable = Field(description="Whether others find you as a peer.", examples=["on"])
    digest_day: int | None = Field(
        description="The day of the week on which your digest comes, 0 for Monday; `null`: never.", examples=[0]
    )
    digest_hour: int = Field(examples=[8])


class ProfileChange(Sent):
    """What is to be changed in one's own profile; what is left out stays."""

    helps: list[UUID] | None = Field(default=None, max_length=MOST_TOPICS, examples=[[EXAMPLE_ID]])
    seeks: list[UUID] | None = Field(default=None, max_length=MOST_TOPICS, examples=[[]])
    languages: list[str] | None = Field(default=None, max_length=MOST_LANGUAGES, examples=[["de", "pl"]])
    findable: Findable | None = Field(default=None, examples=["on"])
    digest_day: Number | None = Field(default=None, ge=0, le=LAST_DAY, description="`null`: never.", examples=[0])
    digest_hour: Number | None = Field(default=None, ge=0, le=LAST_HOUR, examples=[8])


def peers_of(finds: PeerFinds) -> Peers:
    """Return whom to talk to as it is sent."""
    return Peers(
        topic=topic_of(finds.topic) if finds.topic else None,
        organisations=[_house_of(one) for one in finds.organisations],
        people=[_peer_of(one) for one in finds.people],
    )


def _house_of(one: PeerOrganisation) -> PeerHouse:
    return PeerHouse(
        id=one.id,
        name=one.name,
        label=one.label,
        state=one.state,
        experiences=one.experiences,
        documents=[PeerDocument(id=document.id, title=document.title) for document in one.documents],
        likeness=one.likeness.score,
        reason=one.reason,
    )


def _peer_of(one: PeerPerson) -> Peer:
    return Peer(
        key=one.member_id,
        organisation=one.organisation_name,
        topic=topic_of(one.topic) if one.topic else None,
        languages=list(one.languages),
        likeness=one.likeness.score,
        reason=one.reason,
    )


def contact_of(entry: ContactEntry, card: ContactCard | None) -> Contact:
    """Return a contact request as it is sent."""
    return Contact(
        id=entry.id,
        mine=entry.is_mine,
        state=entry.outlook,
        organisation=entry.organisation,
        topic=topic_of(entry.topic) if entry.topic else None,
        text=entry.text,
        created_at=entry.created_at,
        expires_at=entry.expires_at,
        card=_card_of(card) if card else None,
    )


def colleague_of(one: ColleagueEntry) -> Colleague:
    """Return a colleague as they are sent."""
    return Colleague(key=one.member_id, name=one.name)


def block_of(one: Blocked) -> Block:
    """Return a block as it is sent."""
    return Block(key=one.key, organisation=one.organisation, name=one.name, created_at=one.created_at)


def _card_of(card: ContactCard) -> Card:
    addresses = [Address(network=network, address=address) for network, address in card.addresses]
    return Card(name=card.name, organisation=card.organisation, addresses=addresses)


def profile_of(member: MemberEntry, profile: Profile) -> OwnProfile:
    """Return a member's own profile as it is sent."""
    return OwnProfile(
        id=member.id,
        name=member.name,
        role=member.role,
        organisation_key=member.organisation_key,
        organisation=member.organisation_name,
        helps=[topic_of(topic) for topic in profile.helps],
        seeks=[topic_of(topic) for topic in profile.seeks],
        languages=list(profile.languages),
        findable=profile.findable,
        digest_day=profile.digest_day,
        digest_hour=profile.digest_hour,
    )
