"""Municipalities, associations, districts, states and other bodies such as a competence centre."""

from datetime import date
from enum import StrEnum

from sqlalchemy import BigInteger, String, false
from sqlalchemy.orm import Mapped, mapped_column

from knowledge.models.base import Identified
from knowledge.models.enums import stored_by_value


class OrganisationKind(StrEnum):
    """What level of administration an organisation is."""

    MUNICIPALITY = "municipality"
    ASSOCIATION = "association"
    DISTRICT = "district"
    STATE = "state"
    OTHER = "other"


class Organisation(Identified):
    """A body that people work for; rows are never deleted, so that no link to one is lost.

    ``key`` is the Regionalschlüssel of the official register (2 digits for a state, 5 for a district, 9 for an
    association, 12 for a municipality) or a chosen word with at least one letter for all others. Links upwards are
    such keys, too. ``register_kind`` is the register's Textkennzeichen. ``area`` counts hectares.
    """

    __tablename__ = "organisations"

    key: Mapped[str] = mapped_column(String(80), unique=True)
    # The eight digits of the Gemeindeschlüssel outlive a change of the association, which the key does not.
    ags: Mapped[str | None] = mapped_column(String(8), unique=True)
    kind: Mapped[OrganisationKind] = mapped_column(stored_by_value(OrganisationKind))
    register_kind: Mapped[str | None] = mapped_column(String(2))
    name: Mapped[str] = mapped_column(String(200))
    # The spellings to search in; see knowledge.organisations.names.
    search_name: Mapped[str] = mapped_column(String(800))
    state_key: Mapped[str | None] = mapped_column(String(2), index=True)
    district_key: Mapped[str | None] = mapped_column(String(5), index=True)
    association_key: Mapped[str | None] = mapped_column(String(9), index=True)
    # The municipality that stands for this record: an independent city is its own district, too.
    same_as_key: Mapped[str | None] = mapped_column(String(12))
    seat: Mapped[str | None] = mapped_column(String(200))
    population: Mapped[int | None] = mapped_column(BigInteger)
    area: Mapped[int | None] = mapped_column(BigInteger)
    postcode: Mapped[str | None] = mapped_column(String(5))
    unincorporated: Mapped[bool] = mapped_column(default=False)
    example: Mapped[bool] = mapped_column(default=False)
    # „Our own say first": one of its own people releases a contribution before the network's moderators see it.
    release_first: Mapped[bool] = mapped_column(default=False, server_default=false())
    # The territorial status of the register in which it was last found; empty for all that no register brought.
    register_date: Mapped[date | None]
    # The territorial status of the first register in which it was missing.
    dissolved_on: Mapped[date | None]
