"""Organisations that come from no register: what is let in."""

import json
from pathlib import Path

import pytest

from knowledge.kit.errors import InvalidInput
from knowledge.models.organisation import OrganisationKind
from knowledge.organisations.bodies import ExamplesDamaged, check_body, read_examples
from knowledge.organisations.schemas import NewOrganisation
from knowledge.organisations.states import UnknownState

SAMPLES = Path(__file__).resolve().parents[3] / "samples" / "organisations.json"
EXAMPLE = {
    "key": "beispiel-lindenau",
    "name": "Lindenau (Beispiel)",
    "kind": "municipality",
    "state": "12",
    "population": 4800,
    "example": True,
}


class TestCheckBody:
    def test_makes_a_key_from_the_name(self) -> None:
        assert check_body(NewOrganisation(name="Zentrum für KI, Große Straße")).key == "zentrum-fuer-ki-grosse-strasse"

    @pytest.mark.parametrize("key", ["12064340", "a b", "ä", "-", "x" * 81, "../x", "a\nb"])
    def test_refuses_what_cannot_be_a_key(self, key: str) -> None:
        with pytest.raises(InvalidInput):
            check_body(NewOrganisation(name="Zentrum", key=key))

    @pytest.mark.parametrize("name", ["", " ", "!!!", "x" * 201, "Zen\x00trum", "12"])
    def test_refuses_what_cannot_be_a_name(self, name: str) -> None:
        with pytest.raises(InvalidInput):
            check_body(NewOrganisation(name=name))

    def test_refuses_an_unknown_state(self) -> None:
        with pytest.raises(UnknownState):
            check_body(NewOrganisation(name="Zentrum", state="Preußen"))

    @pytest.mark.parametrize("population", [-1, 10**12])
    def test_refuses_a_population_without_sense(self, population: int) -> None:
        with pytest.raises(InvalidInput):
            check_body(NewOrganisation(name="Zentrum", population=population))


class TestReadExamples:
    def test_reads_what_the_project_ships(self) -> None:
        bodies = [check_body(example) for example in read_examples(SAMPLES)]

        assert bodies
        assert all(body.example for body in bodies if body.kind is OrganisationKind.MUNICIPALITY)

    @pytest.mark.parametrize(
        "content",
        [
            {},
            [1],
            [{}],
            [EXAMPLE | {"kind": "village"}],
            [EXAMPLE | {"kind": ["municipality"]}],
            [EXAMPLE | {"population": "many"}],
            [EXAMPLE | {"population": True}],
            [EXAMPLE | {"name": None}],
        ],
    )
    def test_must_be_complete(self, tmp_path: Path, content: object) -> None:
        path = tmp_path / "organisations.json"
        path.write_text(json.dumps(content), encoding="utf-8")

        with pytest.raises(ExamplesDamaged):
            read_examples(path)

    def test_must_be_there_and_be_json(self, tmp_path: Path) -> None:
        broken = tmp_path / "broken.json"
        broken.write_bytes(b"[{\xff")

        for path in (broken, tmp_path / "nowhere.json"):
            with pytest.raises(ExamplesDamaged):
                read_examples(path)
