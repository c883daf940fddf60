"""Sums that are kept when the rows that they were made from are gone („Zahlen"); nobody is in them."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, Date, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from knowledge.kit.clock import now
from knowledge.models.base import Base, Identified


class Figure(Identified):
    """The sums of one series over whole months, from three people on; written once, never changed.

    ``counts`` is empty where fewer than three people would have been told of.
    """

    __tablename__ = "figures"

    series: Mapped[str] = mapped_column(String(40))
    # Whose they are: empty for the whole network, else the identifier of an organisation.
    scope: Mapped[str] = mapped_column(String(36), default="")
    # The first day, and the first day after.
    first: Mapped[date] = mapped_column(Date)
    until: Mapped[date] = mapped_column(Date)
    counts: Mapped[dict[str, Any]] = mapped_column(JSON)
    counted_at: Mapped[datetime] = mapped_column(default=now)

    __table_args__ = (UniqueConstraint("series", "scope", "first"),)


class FigureBound(Base):
    """How many different people were at least seen in a month of which no sum was written yet: three means „enough".

    The links to the people end sooner than a month, so this is noted while they are there. Of a month that is in a sum,
    nothing is kept here. ``part`` says of which part of the series.
    """

    __tablename__ = "figure_bounds"

    series: Mapped[str] = mapped_column(String(40), primary_key=True)
    month: Mapped[date] = mapped_column(Date, primary_key=True)
    part: Mapped[str] = mapped_column(String(40), primary_key=True)
    people: Mapped[int] = mapped_column(default=0)
