"""Organisations, as they are sent and read."""

from typing import Any
from uuid import UUID

from pydantic import Field

from hub.api.schemas import Sent, Shown
from hub.api.schemas_network import EXAMPLE_ID, Flag
from knowledge.models.organisation import OrganisationKind
from knowledge.organisations.administration import OrganisationDetails
from knowledge.organisations.bodies import LONGEST_KEY, LONGEST_NAME
from knowledge.organisations.schemas import FoundOrganisation


class Organisation(Shown):
    """A municipality, an association, a district, a Land or another body."""

    id: UUID = Field(examples=[EXAMPLE_ID])
    key: str = Field(
        description="The Regionalschlüssel of the official register, or a chosen word for all others.",
        examples=["120615108000"],
    )
    ags: str | None = Field(description="The Gemeindeschlüssel of a municipality.", examples=["12061000"])
    name: str = Field(examples=["Musterau"])
    kind: OrganisationKind = Field(examples=["municipality"])
    label: str = Field(description="Its legal form, in the language of the request.", examples=["Stadt"])
    state: str | None = Field(description="The Land.", examples=["Brandenburg"])
    district: str | None = Field(examples=["Landkreis Musterland"])
    association: str | None = Field(examples=["Amt Musterau"])
    population: int | None = Field(examples=[12034])
    example: bool = Field(description="Invented, for trying things out.", examples=[False])


class OrganisationFacts(Organisation):
    """An organisation with what the network knows of it.

    What is `null` is not for you: only who reads organisations in the hub sees it.
    """

    dissolved: bool = Field(description="It exists no more; its key still leads to it.", examples=[False])
    documents: int = Field(description="How many of its published documents you may find.", examples=[3])
    mail_domains: list[str] | None = Field(description="Where its staff receive mail.", examples=[["musterau.example"]])
    release_first: bool | None = Field(
        description="One of its own people releases what it contributes, before moderators see it.", examples=[False]
    )


class NewBody(Sent):
    """A body that is in no register."""

    name: str = Field(min_length=1, max_length=LONGEST_NAME, examples=["Kompetenzzentrum Musterland"])
    key: str | None = Field(
        default=None,
        min_length=1,
        max_length=LONGEST_KEY,
        description="Letters, digits and hyphens; made from the name without it.",
        examples=["kompetenzzentrum-musterland"],
    )
    state: str | None = Field(
        default=None, min_length=1, max_length=40, description="A Land by key, abbreviation or name.", examples=["BB"]
    )


class OrganisationChange(Sent):
    """What is to be changed."""

    release_first: Flag = Field(
        description="Whether one of its own people releases what it contributes.", examples=[True]
    )


def organisation_of(found: FoundOrganisation) -> Organisation:
    """Return an organisation of the register as it is sent."""
    return Organisation(**_values(found))


def facts_of(details: OrganisationDetails, *, reads_all: bool) -> OrganisationFacts:
    """Return an organisation as it is sent; ``reads_all``: with what is for those who look after organisations."""
    return OrganisationFacts(
        **_values(details.found),
        dissolved=details.organisation.dissolved_on is not None,
        documents=details.documents,
        mail_domains=list(details.domains) if reads_all else None,
        release_first=details.organisation.release_first if reads_all else None,
    )


def _values(found: FoundOrganisation) -> dict[str, Any]:
    return {name: getattr(found, name) for name in Organisation.model_fields}
