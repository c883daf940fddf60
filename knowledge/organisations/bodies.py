"""Checks organisations that come from no register."""

import json
import re
from pathlib import Path
from typing import Any

from knowledge.kit.errors import InvalidInput
from knowledge.kit.language import _
from knowledge.models.organisation import Organisation, OrganisationKind
from knowledge.organisations.names import fold_name, search_spellings
from knowledge.organisations.schemas import NewOrganisation
from knowledge.organisations.states import find_state

LONGEST_NAME = 200
LONGEST_KEY = 80
LARGEST_POPULATION = 1_000_000_000
# At least one letter, so that it can never be mistaken for an official key.
_KEY = re.compile(r"(?=.*[a-z])[a-z0-9]+(?:[-_.][a-z0-9]+)*")


class ExamplesDamaged(InvalidInput):
    """The file with example organisations cannot be used."""

    code = "organisations.examples_damaged"


def check_body(body: NewOrganisation) -> Organisation:
    """Return the row for ``body``; raises InvalidInput."""
    name = " ".join(body.name.split())
    if not fold_name(name) or len(name) > LONGEST_NAME or not name.isprintable():
        raise InvalidInput(
            _("Please give the organisation a name of at most {count} letters.").format(count=LONGEST_NAME)
        )
    if body.population is not None and not 0 <= body.population <= LARGEST_POPULATION:
        raise InvalidInput(_("The population must be between 0 and {largest}.").format(largest=LARGEST_POPULATION))
    return Organisation(
        key=_check_key(body.key or fold_name(name).replace(" ", "-")[:LONGEST_KEY].strip("-")),
        kind=body.kind,
        name=name,
        search_name=search_spellings(name),
        state_key=find_state(body.state) if body.state else None,
        population=body.population,
        example=body.example,
    )


def read_examples(path: Path) -> list[NewOrganisation]:
    """Read a JSON list of example organisations; raises ExamplesDamaged, naming the entry."""
    try:
        entries = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ExamplesDamaged(
            _("The file “{name}” cannot be read.").format(name=path.name), detail=str(error)
        ) from error
    if not isinstance(entries, list):
        raise ExamplesDamaged(_("The file “{name}” must hold a list of organisations.").format(name=path.name))
    return [_read_example(entry, number) for number, entry in enumerate(entries, start=1)]


def _check_key(key: str) -> str:
    key = key.strip().lower()
    if len(key) > LONGEST_KEY or not _KEY.fullmatch(key):
        problem = _("“{key}” cannot be a key. Please use letters, digits and hyphens, and at least one letter.")
        raise InvalidInput(problem.format(key=key[:LONGEST_KEY]))
    return key


def _read_example(entry: Any, number: int) -> NewOrganisation:
    problem = _("Entry {number} of the example organisations is not complete or not right.").format(number=number)
    if not isinstance(entry, dict):
        raise ExamplesDamaged(problem)
    name, key, state, population = (entry.get(field) for field in ("name", "key", "state", "population"))
    if not isinstance(name, str) or not isinstance(key, str) or not isinstance(state, str | None):
        raise ExamplesDamaged(problem)
    if population is not None and type(population) is not int:  # True is a number for isinstance
        raise ExamplesDamaged(problem)
    try:
        kind = OrganisationKind(entry.get("kind", OrganisationKind.OTHER))
    except ValueError as error:
        raise ExamplesDamaged(problem, detail=str(error)) from error
    return NewOrganisation(
        name=name, key=key, kind=kind, state=state, population=population, example=entry.get("example") is True
    )
