"""The register over the years: a newer file updates, dissolves, and loses nothing."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge.organisations.records import RegisterDamaged
from knowledge.organisations.schemas import NewOrganisation, RegisterReport
from knowledge.organisations.service import OrganisationService, RegisterImplausible, RegisterOutdated
from tests.knowledge.organisations.register_file import RegisterFile, brandenburg

Import = Callable[[RegisterFile], "RegisterReport"]

OLD, NEW = "20231130", "20241231"


class Archive:
    """Imports register files into one database."""

    def __init__(self, session: AsyncSession, folder: Path) -> None:
        self.service = OrganisationService(session)
        self.folder = folder

    async def take(self, file: RegisterFile, *, force: bool = False) -> RegisterReport:
        return await self.service.import_register(file.write(self.folder), force=force)

    async def names(self, text: str) -> list[str]:
        return [found.name for found in await self.service.find(text)]


@pytest.fixture
def archive(session: AsyncSession, tmp_path: Path) -> Archive:
    return Archive(session, tmp_path)


class TestFirstImport:
    async def test_reports_what_is_in_it(self, archive: Archive) -> None:
        report = await archive.take(brandenburg(OLD))

        assert report == RegisterReport(
            as_of=date(2023, 11, 30),
            states=16,
            districts=17,
            associations=19,
            municipalities=20,
            unincorporated=1,
            added=72,
            updated=0,
            dissolved=0,
            unchanged=0,
        )

    async def test_of_a_damaged_file_changes_nothing(self, archive: Archive) -> None:
        damaged = brandenburg(NEW)
        damaged.remove("12064")
        await archive.take(brandenburg(OLD))

        with pytest.raises(RegisterDamaged):
            await archive.take(damaged)

        assert (await archive.service.get_by_key("12064340")).register_date == date(2023, 11, 30)


class TestSecondImport:
    async def test_of_the_same_file_changes_nothing(self, archive: Archive) -> None:
        await archive.take(brandenburg(OLD))

        report = await archive.take(brandenburg(OLD))

        assert (report.added, report.updated, report.dissolved, report.unchanged) == (0, 0, 0, 72)

    async def test_updates_name_and_population(self, archive: Archive) -> None:
        await archive.take(brandenburg(OLD))
        before = (await archive.service.get_by_key("12064340")).id
        newer = brandenburg(NEW)
        newer.municipality("120645412340", "Neuhardenberg, Stadt", "63", population=2850)

        report = await archive.take(newer)

        after = await archive.service.get_by_key("12064340")
        # The sums of its association, its district and its state change, too.
        assert (report.updated, report.unchanged) == (4, 68)
        assert (after.id, after.name, after.population) == (before, "Neuhardenberg, Stadt", 2850)
        assert after.register_date == date(2024, 12, 31)

    async def test_adds_what_is_new(self, archive: Archive) -> None:
        await archive.take(brandenburg(OLD))
        newer = brandenburg(NEW)
        newer.municipality("120645412998", "Neuland")

        report = await archive.take(newer)

        assert report.added == 1
        assert await archive.names("Neuland") == ["Neuland"]

    async def test_keeps_a_municipality_that_changed_its_association(self, archive: Archive) -> None:
        await archive.take(brandenburg(OLD))
        before = (await archive.service.get_by_key("120645412420")).id
        newer = brandenburg(NEW)
        newer.association("120645413", "Neues Amt")
        newer.municipality("120645413420", "Lindendorf", population=1300)
        newer.remove("120645412420")

        report = await archive.take(newer)

        after = await archive.service.get_by_key("120645412420")  # the key it had before
        assert report.dissolved == 0
        assert (after.id, after.key, after.association_key) == (before, "120645413420", "120645413")
        assert [found.association for found in await archive.service.find("12 0 64 5412 420")] == ["Neues Amt"]


class TestDissolved:
    async def test_is_marked_and_kept_but_not_offered(self, archive: Archive) -> None:
        await archive.take(brandenburg(OLD))
        before = (await archive.service.get_by_key("12064420")).id
        newer = brandenburg(NEW)
        newer.remove("120645412420")

        report = await archive.take(newer)

        after = await archive.service.get_by_key("12064420")
        assert report.dissolved == 1
        assert (after.id, after.dissolved_on) == (before, date(2024, 12, 31))
        assert await archive.names("Lindendorf") == []

    async def test_is_not_dissolved_again(self, archive: Archive) -> None:
        await archive.take(brandenburg(OLD))
        for day in (NEW, "20251231"):
            newer = brandenburg(day)
            newer.remove("120645412420")
            report = await archive.take(newer)

        assert report.dissolved == 0
        assert (await archive.service.get_by_key("12064420")).dissolved_on == date(2024, 12, 31)

    async def test_comes_back_with_a_newer_register(self, archive: Archive) -> None:
        await archive.take(brandenburg(OLD))
        newer = brandenburg(NEW)
        newer.remove("120645412420")
        await archive.take(newer)

        report = await archive.take(brandenburg("20251231"))

        assert report.updated >= 1
        assert (await archive.service.get_by_key("12064420")).dissolved_on is None
        assert await archive.names("Lindendorf") == ["Lindendorf"]

    async def test_spares_bodies_that_no_register_brought(self, archive: Archive) -> None:
        centre = await archive.service.add(NewOrganisation(name="Kompetenzzentrum"))
        await archive.take(brandenburg(OLD))

        await archive.take(brandenburg(NEW))

        assert (await archive.service.get_by_key(centre.key)).dissolved_on is None


class TestOlderFile:
    async def test_is_refused(self, archive: Archive) -> None:
        await archive.take(brandenburg(NEW))
        older = brandenburg(OLD)
        older.remove("120645412420")

        with pytest.raises(RegisterOutdated, match=r"30\.11\.2023.*31\.12\.2024"):
            await archive.take(older)

        assert await archive.names("Lindendorf") == ["Lindendorf"]

    async def test_is_taken_for_the_truth_by_force(self, archive: Archive) -> None:
        await archive.take(brandenburg(NEW))
        older = brandenburg(OLD)
        older.remove("120645412420")

        report = await archive.take(older, force=True)

        assert report.dissolved == 1
        assert (await archive.service.get_by_key("12064340")).register_date == date(2023, 11, 30)


class TestImplausibleFile:
    @staticmethod
    def many_villages(day: str, count: int) -> RegisterFile:
        file = brandenburg(day)
        for number in range(count):
            file.municipality(f"120645412{500 + number}", f"Dorf {number}")
        return file

    async def test_is_refused_when_much_of_a_state_is_missing(self, archive: Archive) -> None:
        await archive.take(self.many_villages(OLD, 60))

        with pytest.raises(RegisterImplausible, match="Brandenburg"):
            await archive.take(self.many_villages(NEW, 20))

        assert (await archive.service.get_by_key("120645412559")).dissolved_on is None

    async def test_is_taken_by_force(self, archive: Archive) -> None:
        await archive.take(self.many_villages(OLD, 60))

        report = await archive.take(self.many_villages(NEW, 20), force=True)

        assert report.dissolved == 40

    async def test_does_not_stop_a_reform(self, archive: Archive) -> None:
        await archive.take(self.many_villages(OLD, 60))

        report = await archive.take(self.many_villages(NEW, 45))

        assert report.dissolved == 15
