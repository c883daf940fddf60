"""Tests of an old backup and what was taken back one by one since it was made: none of it comes back."""

import shutil
from collections.abc import Mapping
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import select

from knowledge.kit.database import Database
from knowledge.kit.unit_of_work import unit_of_work
from knowledge.models import ApiToken, Contribution, Erasure, OpenAnswer, OpenQuestion, Registration, Training
from knowledge.models.contribution import ContributionState
from knowledge.models.question import OpenQuestionState
from knowledge.models.training import RegistrationState
from knowledge.operations.backup import write_backup
from knowledge.operations.encryption import make_key, read_identities, read_recipients
from knowledge.operations.restore import BackupFile, restore_backup
from knowledge.privacy.erasure_log import ErasureLog
from knowledge.privacy.repository import EraseRepository
from knowledge.privacy.taken_back.kinds import TakenBack
from knowledge.privacy.taken_back.noting import note_taken_back
from knowledge.privacy.taken_back.repository import TakenBackRepository
from tests.knowledge.operations.filling import MOMENT, fill_every_table
from tests.knowledge.operations.test_backup import ignore

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture(autouse=True)
def folders(tmp_path: Path, database_url: str) -> None:
    """Where backups and lists lie."""
    for name in ("backups", "other-host", "lost", "lists"):
        (tmp_path / name).mkdir()


async def standing(database: Database) -> Mapping[TakenBack, UUID]:
    """Return one row of each kind that can be taken back."""
    async with database.session(writes=False) as session:
        return {what: (await TakenBackRepository(session).standing(what))[0] for what in TakenBack}


async def take_back(database: Database, rows: Mapping[TakenBack, UUID], *, logs: Path) -> None:
    """Remember that rows were taken back, in the database and in a list outside of it."""
    async with unit_of_work(database) as unit:
        for what, row in rows.items():
            await note_taken_back(unit.session, what, row)
        records = await EraseRepository(unit.session).records()
    ErasureLog(logs).add(records)


async def fill(database: Database) -> Mapping[TakenBack, UUID]:
    """Put something into every table; returns one row of each kind that can be taken back and is not."""
    await fill_every_table(database)
    async with unit_of_work(database) as unit:
        for token in (await unit.session.scalars(select(ApiToken))).all():
            token.revoked_at = None
        for registration in (await unit.session.scalars(select(Registration))).all():
            registration.state = RegistrationState.REGISTERED
            (await unit.session.get_one(Training, registration.training_id)).taken = 1
    return await standing(database)


class TestOldBackup:
    async def test_nothing_that_was_taken_back_since_comes_back(self, database: Database, tmp_path: Path) -> None:
        """With an encrypted backup, and the list of another host, named when it is restored."""
        rows = await fill(database)
        public, file = make_key(tmp_path / "secret.key", MOMENT), tmp_path / "backups" / "old.zip.age"
        await write_backup(database, file, left=ignore, recipients=read_recipients([public]))
        await take_back(database, rows, logs=tmp_path / "other-host")

        target, listed = (
            Database(f"sqlite+aiosqlite:///{tmp_path / 'new.db'}"),
            tmp_path / "other-host" / "erasures.log",
        )
        given = BackupFile(file, read_identities(tmp_path / "secret.key"), (listed,))
        await restore_backup(target, given, room=tmp_path, left=ignore)
        async with target.session(writes=False) as session:
            left = {what: await TakenBackRepository(session).standing(what) for what in TakenBack}
            assert [what for what, row in rows.items() if row in left[what]] == []
            contribution = await session.get(Contribution, rows[TakenBack.CONTRIBUTION])
            assert contribution is None or contribution.state is ContributionState.WITHDRAWN
            question = await session.get_one(OpenQuestion, rows[TakenBack.QUESTION])
            assert (question.text, question.state) == ("", OpenQuestionState.WITHDRAWN)
            assert (await session.get_one(OpenAnswer, rows[TakenBack.ANSWER])).text == ""
            registration = await session.get_one(Registration, rows[TakenBack.REGISTRATION])
            assert registration.state is RegistrationState.CANCELLED
            assert (await session.get_one(Training, registration.training_id)).taken == 0
            assert len((await session.scalars(select(Erasure.digest))).all()) > len(TakenBack)
        await target.close()

    async def test_without_the_list_it_would_come_back(
        self, database: Database, tmp_path: Path, sqlite_template: Path
    ) -> None:
        """What the list is for; otherwise the test before would prove nothing."""
        rows = await fill(database)
        await write_backup(database, tmp_path / "backups" / "old.zip", left=ignore)
        await take_back(database, rows, logs=tmp_path / "lost")
        shutil.copyfile(sqlite_template, tmp_path / "new.db")
        target = Database(f"sqlite+aiosqlite:///{tmp_path / 'new.db'}")
        await restore_backup(target, tmp_path / "backups" / "old.zip", room=tmp_path, left=ignore)
        async with target.session(writes=False) as session:
            for what, row in rows.items():
                assert row in await TakenBackRepository(session).standing(what)
        await target.close()

    async def test_somebody_who_registered_again_since_keeps_their_place(
        self, database: Database, tmp_path: Path
    ) -> None:
        row = (await fill(database))[TakenBack.REGISTRATION]
        await take_back(database, {TakenBack.REGISTRATION: row}, logs=tmp_path / "lists")
        async with unit_of_work(database) as unit:
            (await unit.session.get_one(Registration, row)).changed_at = MOMENT.replace(year=2098)
        await write_backup(database, tmp_path / "newer.zip", left=ignore)
        target = Database(f"sqlite+aiosqlite:///{tmp_path / 'new.db'}")
        await restore_backup(target, tmp_path / "newer.zip", room=tmp_path / "lists", left=ignore)
        async with target.session(writes=False) as session:
            assert (await session.get_one(Registration, row)).state is RegistrationState.REGISTERED
        await target.close()
