"""Tests of erasures and backups: no backup brings anybody back."""

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from knowledge.kit.database import Database
from knowledge.kit.unit_of_work import unit_of_work
from knowledge.operations.backup import write_backup
from knowledge.operations.restore import BackupFile, is_listed, restore_backup
from knowledge.operations.upgrading import back_up_before
from knowledge.privacy.erasure_log import ErasureLog
from knowledge.privacy.service import PrivacyService
from tests.knowledge.operations.test_backup import ignore
from tests.knowledge.privacy.people import Somebody, add_group, add_member, add_person, traces_of

only_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest_asyncio.fixture
async def target(tmp_path: Path, sqlite_template: Path) -> AsyncIterator[Database]:
    """An empty database to restore into."""
    (tmp_path / "new").mkdir()
    shutil.copyfile(sqlite_template, tmp_path / "new" / "allmende.db")
    database = Database(f"sqlite+aiosqlite:///{tmp_path / 'new' / 'allmende.db'}")
    yield database
    await database.close()


async def two_people(database: Database) -> tuple[Somebody, Somebody]:
    """A member who will be erased, and somebody else."""
    async with unit_of_work(database) as unit:
        group = await add_group(unit.session)
        ada = await add_person(unit.session, "ada", group=group, member=await add_member(unit.session))
        return ada, await add_person(unit.session, "ben", group=group)


async def backed_up(database: Database, file: Path) -> Path:
    """Write a backup into a folder of its own."""
    file.parent.mkdir(exist_ok=True)
    await write_backup(database, file, left=ignore)
    return file


async def erase(database: Database, person: Somebody, folder: Path) -> None:
    """Erase somebody as the bot does."""
    async with unit_of_work(database) as unit:
        erased = await PrivacyService(unit.session).erase(person.identity, everywhere=True)
    ErasureLog(folder).add(erased.records)


class TestOldBackup:
    async def test_asked_backed_up_erased_restored_and_gone(
        self, database: Database, target: Database, tmp_path: Path
    ) -> None:
        ada, ben = await two_people(database)
        backup = await backed_up(database, tmp_path / "backups" / "old.zip")
        await erase(database, ada, tmp_path / "new")
        await restore_backup(target, backup, room=tmp_path / "new", left=ignore)
        assert await traces_of(target, ada.identity, ada.address, ada.words, "Ada Özdemir", "!direct-ada") == []
        assert "exchanges.asker_id" in await traces_of(target, ben.identity)

    @only_sqlite
    async def test_without_the_list_it_would_bring_people_back(
        self, database: Database, target: Database, tmp_path: Path
    ) -> None:
        """What the list is for; otherwise the test before would prove nothing."""
        ada, _ben = await two_people(database)
        backup = await backed_up(database, tmp_path / "backups" / "old.zip")
        await erase(database, ada, tmp_path)
        await restore_backup(target, backup, room=tmp_path / "new", left=ignore)
        assert "members.name" in await traces_of(target, "Ada Özdemir")

    @only_sqlite
    async def test_going_back_from_a_migration_brings_nobody_back_who_was_erased_since(
        self, database: Database, target: Database, tmp_path: Path
    ) -> None:
        ada, ben = await two_people(database)
        before = tmp_path / "data"
        before.mkdir()
        backup = await back_up_before(database, before, [], left=ignore)
        await erase(database, ada, before)
        await restore_backup(target, backup, room=tmp_path / "new", left=ignore)
        assert await traces_of(target, ada.identity, ada.address, ada.words, "Ada Özdemir") == []
        assert "exchanges.asker_id" in await traces_of(target, ben.identity)

    @only_sqlite
    async def test_the_list_beside_a_newer_backup_does_as_well(
        self, database: Database, target: Database, tmp_path: Path
    ) -> None:
        """The data folder is lost; the backups, with the list that the newest one brought, are not."""
        ada, _ben = await two_people(database)
        old = await backed_up(database, tmp_path / "backups" / "old.zip")
        await erase(database, ada, tmp_path)
        await backed_up(database, tmp_path / "backups" / "newer.zip")
        await restore_backup(target, old, room=tmp_path / "new", left=ignore)
        assert await traces_of(target, ada.identity, ada.words, "Ada Özdemir") == []

    @only_sqlite
    async def test_the_next_backup_remembers_the_erasure(
        self, database: Database, target: Database, tmp_path: Path
    ) -> None:
        ada, _ben = await two_people(database)
        backup = await backed_up(database, tmp_path / "backups" / "old.zip")
        await erase(database, ada, tmp_path / "new")
        await restore_backup(target, backup, room=tmp_path / "new", left=ignore)
        assert len(await traces_of(target, *[r.digest for r in ErasureLog(tmp_path / "new").read()])) == 2


class TestList:
    def test_is_looked_for_in_the_data_folder_and_beside_the_backup(self, tmp_path: Path) -> None:
        backup, room = BackupFile(tmp_path / "backups" / "old.zip"), tmp_path / "data"
        assert not is_listed(backup, room)
        for folder in (backup.path.parent, room):
            folder.mkdir()
            (folder / "erasures.log").touch()
            assert is_listed(backup, room)
            (folder / "erasures.log").unlink()


@only_sqlite
class TestTraffic:
    async def test_what_waited_long_ago_is_not_sent_again(
        self, database: Database, target: Database, tmp_path: Path
    ) -> None:
        await two_people(database)
        backup = await backed_up(database, tmp_path / "backups" / "old.zip")
        await restore_backup(target, backup, room=tmp_path / "new", left=ignore)
        left = await traces_of(target, "words of ben")
        assert "questions.text" in left
        assert not [place for place in left if place.startswith(("incoming_events", "outgoing_messages"))]
