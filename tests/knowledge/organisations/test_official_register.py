"""The whole official register, where it lies beside the project."""

import time
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge.organisations.schemas import Match, RegisterReport
from knowledge.organisations.service import OrganisationService


@pytest.fixture
def register_path(shared_folder: Path) -> Path:
    path = shared_folder / "data" / "GV100AD_301123.txt"
    if not path.is_file():
        pytest.skip("the official register GV100AD_301123.txt is not in the folder of real texts")
    return path


class TestOfficialRegister:
    async def test_is_imported_whole_and_quickly_and_found(self, session: AsyncSession, register_path: Path) -> None:
        service = OrganisationService(session)
        started = time.perf_counter()
        report = await service.import_register(register_path)
        took = time.perf_counter() - started

        assert report == RegisterReport(
            as_of=date(2023, 11, 30),
            states=16,
            districts=400,
            associations=4597,
            municipalities=10981,
            unincorporated=208,
            added=15994,
            updated=0,
            dissolved=0,
            unchanged=0,
        )
        assert took < 30  # three seconds on an idle machine
        await self.check_neustadt(service)
        await self.check_names(service)
        again = await service.import_register(register_path)
        assert (again.added, again.updated, again.dissolved, again.unchanged) == (0, 0, 0, 15994)

    @staticmethod
    async def check_neustadt(service: OrganisationService) -> None:
        found = [one for one in await service.find("Neustadt", limit=40) if one.match is Match.EXACT]

        assert len(found) >= 20
        # Each can be told from the others by what is shown of it.
        assert len({(one.name, one.label, one.district, one.state) for one in found}) == len(found)

    @staticmethod
    async def check_names(service: OrganisationService) -> None:
        for text, key in {
            "Flensburg": "010010000000",
            "Neuhardenberg": "120645412340",
            "Amt Plessa": "120625207",
            "Landkreis Oberhavel": "12065",
            "Hamburg": "020000000000",
            "Frankfurt": "064120000000",
            "Königs Wusterhausn": "120610260260",
            "Cottbus": "120520000000",
            "Neustadt an der Waldnaab": "09374",
            "Brandenburg": "12",
        }.items():
            assert (await service.find(text))[0].key == key, text
        assert await service.find("Küstengewässer einschl. Anteil am Festlandsockel") == []
