"""Finding one organisation among many, and adding what no register has."""

import json
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge.kit.errors import InvalidInput
from knowledge.models.organisation import OrganisationKind
from knowledge.organisations.schemas import ExamplesReport, Match, NewOrganisation
from knowledge.organisations.service import KeyTaken, OrganisationNotFound, OrganisationService, OrganisationUnusable
from tests.knowledge.organisations.register_file import RegisterFile, brandenburg

EXAMPLE = {
    "key": "beispiel-lindenau",
    "name": "Lindenau (Beispiel)",
    "kind": "municipality",
    "state": "12",
    "population": 4800,
    "example": True,
}


def many_names() -> RegisterFile:
    file = brandenburg()
    file.city("01001", "Flensburg, Stadt", 92_550)
    file.city("01003", "Lübeck, Hansestadt", 218_095)
    file.district("01059", "Schleswig-Flensburg", "43")
    file.alone("010590001001", "Schleswig, Stadt", population=25_000)
    file.district("09187", "Rosenheim")
    file.alone("091870001001", "Bad Aibling, St", population=19_000)
    file.city("09163", "Rosenheim", 64_403)
    file.district("12068", "Ostprignitz-Ruppin")
    file.association("120685805", "Neustadt (Dosse)")
    file.municipality("120685805324", "Neustadt (Dosse), Stadt", "63", population=3_499)
    file.municipality("120685805325", "Breddin", population=800)
    file.alone("120680002002", "Neustadt am Kulm, St", population=1_002)
    file.alone("120680003003", "Bad Neustadt a.d.Saale, St", population=15_558)
    file.alone("120680004004", "Neustadtl", population=70_000)
    return file


@pytest.fixture
async def service(session: AsyncSession, tmp_path: Path) -> OrganisationService:
    service = OrganisationService(session)
    await service.import_register(many_names().write(tmp_path))
    return service


async def names(service: OrganisationService, text: str, *kinds: OrganisationKind) -> list[str]:
    return [found.name for found in await service.find(text, kinds=kinds or None)]


class TestFindByName:
    async def test_offers_an_independent_city_once(self, service: OrganisationService) -> None:
        found = await service.find("Flensburg")

        assert [(one.name, one.kind, one.match) for one in found] == [
            ("Flensburg, Stadt", OrganisationKind.MUNICIPALITY, Match.EXACT),
            ("Schleswig-Flensburg", OrganisationKind.DISTRICT, Match.WORDS),
        ]

    async def test_offers_an_independent_city_as_a_district_if_asked(self, service: OrganisationService) -> None:
        found = await service.find("Flensburg", kinds=[OrganisationKind.DISTRICT])

        assert [one.key for one in found] == ["01001", "01059"]

    async def test_does_not_mind_how_it_is_written(self, service: OrganisationService) -> None:
        for text in ("Lübeck", "luebeck", "LUBECK", "Lübeck, Hansestadt", "Hansestadt Lübeck", "Lü"):
            assert (await names(service, text))[0] == "Lübeck, Hansestadt"

    async def test_puts_whole_names_before_beginnings_and_beginnings_before_words(
        self, service: OrganisationService
    ) -> None:
        found = await service.find("Neustadt")

        assert [(one.name, one.match) for one in found] == [
            ("Neustadt (Dosse)", Match.EXACT),
            ("Neustadt (Dosse), Stadt", Match.EXACT),
            ("Neustadt am Kulm, St", Match.EXACT),
            ("Neustadtl", Match.PREFIX),
            ("Bad Neustadt a.d.Saale, St", Match.WORDS),
        ]

    async def test_tells_places_of_the_same_name_apart(self, service: OrganisationService) -> None:
        found = (await service.find("Neustadt (Dosse)", kinds=[OrganisationKind.MUNICIPALITY]))[0]

        assert (found.association, found.district, found.state) == (
            "Neustadt (Dosse)",
            "Ostprignitz-Ruppin",
            "Brandenburg",
        )

    async def test_names_no_parents_for_an_independent_city(self, service: OrganisationService) -> None:
        found = (await service.find("Flensburg"))[0]

        assert (found.association, found.district, found.state) == (None, None, "Schleswig-Holstein")

    async def test_understands_the_word_for_the_kind(self, service: OrganisationService) -> None:
        district, city = await service.find("Landkreis Rosenheim"), await service.find("Stadt Rosenheim")

        assert (district[0].key, city[0].key) == ("09187", "091630000000")

    async def test_takes_the_beginnings_of_several_words(self, service: OrganisationService) -> None:
        assert await names(service, "neust saale") == ["Bad Neustadt a.d.Saale, St"]

    async def test_forgives_typing_errors(self, service: OrganisationService) -> None:
        for text in ("Flensbrug", "Flennsburg", "Stadt Flensbug"):
            found = await service.find(text)
            assert (found[0].name, found[0].match) == ("Flensburg, Stadt", Match.SIMILAR)

    async def test_never_offers_unincorporated_areas(self, service: OrganisationService) -> None:
        assert await names(service, "Oderforst") == []
        assert await names(service, "Oderforst", *OrganisationKind) == []
        assert await names(service, "Oderforst", OrganisationKind.ASSOCIATION) == []

    async def test_finds_nothing_for_what_is_no_name(self, service: OrganisationService) -> None:
        for text in ("", "  ", "%", "_", "|", "🙂", "Київ", "Xyzzy", "n" * 20_000, "\x00", "\udcff"):
            assert await service.find(text) == []

    async def test_keeps_to_the_limit(self, service: OrganisationService) -> None:
        assert len(await service.find("h", limit=3)) == 3

    async def test_refuses_a_limit_without_sense(self, service: OrganisationService) -> None:
        for limit in (0, -1, 101):
            with pytest.raises(InvalidInput):
                await service.find("Lübeck", limit=limit)


class TestFindByKey:
    async def test_finds_the_municipality(self, service: OrganisationService) -> None:
        for key in ("120645412340", "12 0 64 5412 340", "12064340", "120649999340"):
            assert await names(service, key) == ["Neuhardenberg"]

    async def test_finds_all_below_a_level(self, service: OrganisationService) -> None:
        assert await names(service, "120645412") == ["Seelow-Land", "Neuhardenberg", "Lindendorf"]

    async def test_finds_the_city_for_its_district(self, service: OrganisationService) -> None:
        assert await names(service, "01001") == ["Flensburg, Stadt"]

    async def test_puts_back_the_zero_that_a_spreadsheet_dropped(self, service: OrganisationService) -> None:
        assert await names(service, "1001000") == ["Flensburg, Stadt"]


class TestGetByKey:
    async def test_takes_both_official_keys(self, service: OrganisationService) -> None:
        for key in ("010010000000", "01001000", "1001000", " 01 0 01 0000 000 "):
            assert (await service.get_by_key(key)).name == "Flensburg, Stadt"

    async def test_gets_every_level(self, service: OrganisationService) -> None:
        kinds = [(await service.get_by_key(key)).kind for key in ("12", "12064", "120645412", "120645412340")]

        assert kinds == ["state", "district", "association", "municipality"]

    async def test_says_that_there_is_none(self, service: OrganisationService) -> None:
        for key in ("", "99999999", "nirgendwo", "1" * 500, "²²²", "a\x00b", "\udcff"):
            with pytest.raises(OrganisationNotFound):
                await service.get_by_key(key)


class TestGetUsable:
    async def test_takes_the_municipality_that_a_district_is(self, service: OrganisationService) -> None:
        assert (await service.get_usable("01001")).key == "010010000000"

    async def test_refuses_unincorporated_areas(self, service: OrganisationService) -> None:
        with pytest.raises(OrganisationUnusable, match="Oderforst"):
            await service.get_usable("12064999")

    async def test_refuses_what_was_dissolved(self, service: OrganisationService, tmp_path: Path) -> None:
        newer = many_names()
        newer.remove("120685805325")
        await service.import_register(newer.write(tmp_path))

        with pytest.raises(OrganisationUnusable, match="Breddin"):
            await service.get_usable("12068325")


class TestAdd:
    async def test_makes_a_key_from_the_name(self, service: OrganisationService) -> None:
        centre = await service.add(NewOrganisation(name="Kompetenzzentrum für Künstliche Intelligenz", state="BB"))

        assert centre.key == "kompetenzzentrum-fuer-kuenstliche-intelligenz"
        assert centre.state_key == "12"
        assert (await service.get_usable(centre.key.upper())).id == centre.id
        assert await names(service, "kompetenzzentrum") == ["Kompetenzzentrum für Künstliche Intelligenz"]

    async def test_refuses_a_key_that_is_taken(self, service: OrganisationService) -> None:
        await service.add(NewOrganisation(name="Zentrum"))

        with pytest.raises(KeyTaken):
            await service.add(NewOrganisation(name="Anderes Zentrum", key="zentrum"))


class TestExamples:
    @staticmethod
    def write(folder: Path, content: object) -> Path:
        path = folder / "organisations.json"
        path.write_text(json.dumps(content), encoding="utf-8")
        return path

    async def test_are_loaded_once(self, service: OrganisationService, tmp_path: Path) -> None:
        path = self.write(tmp_path, [EXAMPLE])

        first, second = await service.load_examples(path), await service.load_examples(path)

        assert (first, second) == (ExamplesReport(1, 0, 0), ExamplesReport(0, 0, 1))
        assert [one.example for one in await service.find("Lindenau")] == [True]

    async def test_are_updated(self, service: OrganisationService, tmp_path: Path) -> None:
        await service.load_examples(self.write(tmp_path, [EXAMPLE]))

        report = await service.load_examples(self.write(tmp_path, [EXAMPLE | {"name": "Ahornau (Beispiel)"}]))

        assert report == ExamplesReport(0, 1, 0)
        assert await names(service, "Ahornau") == ["Ahornau (Beispiel)"]

    async def test_never_replace_real_ones(self, service: OrganisationService, tmp_path: Path) -> None:
        await service.add(NewOrganisation(name="Echt", key="beispiel-lindenau"))

        with pytest.raises(KeyTaken):
            await service.load_examples(self.write(tmp_path, [EXAMPLE]))
