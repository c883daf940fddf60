"""Tests of encrypted backups: only whoever has a key opens them, with our program or another."""

import errno
import random
import shutil
import subprocess
import zipfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import IO

import pytest
import pytest_asyncio

from knowledge.kit.database import Database
from knowledge.kit.language import _
from knowledge.models import Member
from knowledge.models.member import Role
from knowledge.operations.archive import BackupDamaged, BackupReader
from knowledge.operations.backup import write_backup
from knowledge.operations.encryption import (
    HEADER,
    DecryptedFile,
    KeyNeeded,
    WrongKey,
    WrongKeyFile,
    WrongRecipient,
    encrypted,
    is_encrypted,
    make_key,
    open_backup,
    read_identities,
    read_recipients,
)
from knowledge.operations.restore import BackupFile, check_backup, restore_backup
from knowledge.operations.safe_file import FileNotWritten, new_file
from tests.knowledge.operations.filling import MOMENT, everything
from tests.knowledge.operations.test_backup import ignore
from tests.knowledge.operations.test_restore import write_small

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
NAME = "Ada Özdemir-Zwölfboxkämpferin"


@pytest.fixture
def public(tmp_path: Path, database_url: str) -> str:
    """A public key; the secret one is in the file ``secret.key``."""
    return make_key(tmp_path / "secret.key", MOMENT)


@pytest_asyncio.fixture
async def backup(database: Database, public: str, tmp_path: Path) -> Path:
    """An encrypted backup of a library with one member."""
    async with database.session() as session:
        session.add(Member(name=NAME, search_name="ada", role=Role.MODERATOR))
        await session.commit()
    (tmp_path / "backups").mkdir()
    file = tmp_path / "backups" / "backup.zip.age"
    await write_backup(database, file, left=ignore, recipients=read_recipients([public]))
    return file


@pytest_asyncio.fixture
async def empty(tmp_path: Path, sqlite_template: Path) -> AsyncIterator[Database]:
    """A database with nothing in its tables."""
    (tmp_path / "new").mkdir()
    shutil.copyfile(sqlite_template, tmp_path / "new" / "allmende.db")
    database = Database(f"sqlite+aiosqlite:///{tmp_path / 'new' / 'allmende.db'}")
    yield database
    await database.close()


def given(backup: Path, key: Path | None) -> BackupFile:
    """Return what is asked to be restored."""
    return BackupFile(backup, read_identities(key) if key else None)


class TestRestore:
    async def test_with_the_key_everything_is_back(self, backup: Path, empty: Database, tmp_path: Path) -> None:
        await restore_backup(empty, given(backup, tmp_path / "secret.key"), room=tmp_path, left=ignore)
        assert [row["name"] for row in (await everything(empty))["members"]] == [NAME]

    async def test_any_of_several_keys_opens_it(self, database: Database, public: str, tmp_path: Path) -> None:
        other = make_key(tmp_path / "other.key", MOMENT)
        file = tmp_path / "backup.zip.age"
        await write_backup(database, file, left=ignore, recipients=read_recipients([public, other]))
        for name in ("secret.key", "other.key"):
            assert (await check_backup(file, read_identities(tmp_path / name), left=ignore)).tables

    async def test_without_a_key_it_is_said_which_option_is_missing(
        self, backup: Path, empty: Database, tmp_path: Path
    ) -> None:
        before = await everything(empty)
        with pytest.raises(KeyNeeded) as caught:
            await restore_backup(empty, backup, room=tmp_path, left=ignore)
        said = _("“{name}” is encrypted. Please name the file with the secret key: --identity KEYFILE")
        assert caught.value.message == said.format(name="backup.zip.age")
        assert await everything(empty) == before

    async def test_with_another_key_nothing_is_changed(self, backup: Path, empty: Database, tmp_path: Path) -> None:
        make_key(tmp_path / "other.key", MOMENT)
        before = await everything(empty)
        with pytest.raises(WrongKey) as caught:
            await restore_backup(empty, given(backup, tmp_path / "other.key"), room=tmp_path, left=ignore)
        assert "backup.zip.age" in caught.value.message
        assert await everything(empty) == before

    async def test_a_tampered_one_restores_nothing(self, backup: Path, empty: Database, tmp_path: Path) -> None:
        """The last byte is read last; nothing may have been stored by then."""
        flip(backup, -1)
        before = await everything(empty)
        with pytest.raises(BackupDamaged):
            await restore_backup(empty, given(backup, tmp_path / "secret.key"), room=tmp_path, left=ignore)
        assert await everything(empty) == before


def flip(file: Path, position: int) -> None:
    """Change one byte of a file."""
    content = bytearray(file.read_bytes())
    content[position] ^= 0xFF
    file.write_bytes(content)


class TestDamaged:
    def test_every_flipped_byte_is_noticed(self, public: str, tmp_path: Path) -> None:
        """Unlike an archive, an encrypted file has no byte that means nothing."""
        file, keys = encrypted_small(tmp_path, public), read_identities(tmp_path / "secret.key")
        content = file.read_bytes()
        for position in random.Random(7).sample(range(len(content)), 200):
            changed = bytearray(content)
            changed[position] ^= 0xFF
            file.write_bytes(changed)
            with pytest.raises((BackupDamaged, WrongKey)):
                open_backup(file, keys)

    @pytest.mark.parametrize("share", [0.0, 0.05, 0.5, 0.99])
    def test_cut_off_is_noticed(self, public: str, tmp_path: Path, share: float) -> None:
        file, keys = encrypted_small(tmp_path, public), read_identities(tmp_path / "secret.key")
        content = file.read_bytes()
        file.write_bytes(content[: int(len(content) * share)])
        with pytest.raises(BackupDamaged):
            open_backup(file, keys)

    def test_something_else_in_an_encrypted_file_is_no_backup(self, public: str, tmp_path: Path) -> None:
        file = encrypted_file(tmp_path / "letter.age", b"Sehr geehrte Damen und Herren", public)
        with pytest.raises(BackupDamaged):
            open_backup(file, read_identities(tmp_path / "secret.key"))


def encrypted_small(folder: Path, public: str) -> Path:
    """Write an encrypted backup of two short tables."""
    return encrypted_file(folder / "small.zip.age", write_small(folder / "small.zip").read_bytes(), public)


def encrypted_file(file: Path, content: bytes, public: str) -> Path:
    """Write an encrypted file."""
    with file.open("wb") as stream, encrypted(stream, read_recipients([public])) as plain:
        plain.write(content)
    return file


class TestPlainText:
    async def test_never_reaches_the_disk(
        self, database: Database, public: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Neither as a draft while it is being written, nor in the folder for temporary files."""
        async with database.session() as session:
            session.add(Member(name=NAME, search_name="ada", role=Role.MEMBER))
            await session.commit()
        folder, temporary = tmp_path / "backups", tmp_path / "temporary"
        folder.mkdir()
        temporary.mkdir()
        monkeypatch.setenv("TMPDIR", str(temporary))
        drafts = set[str]()

        def look(_left: int) -> None:
            for file in folder.iterdir():
                drafts.add(file.suffix)
                assert file.read_bytes()[: len(HEADER)] in (b"", HEADER)

        await write_backup(database, folder / "backup.zip.age", left=look, recipients=read_recipients([public]))
        assert drafts == {".part"}
        assert is_encrypted(folder / "backup.zip.age")
        assert list(temporary.iterdir()) == []

    def test_is_read_at_any_place(self, public: str, tmp_path: Path) -> None:
        chance = random.Random(11)
        content = chance.randbytes(5_000_000)
        file = encrypted_file(tmp_path / "noise.age", content, public)
        with DecryptedFile(file, read_identities(tmp_path / "secret.key")) as plain:
            for _attempt in range(20):
                place, size = chance.randrange(len(content)), chance.randrange(1, 70_000)
                plain.seek(place)
                found = b""
                while len(found) < size and (part := plain.read(size - len(found))):
                    found += part
                assert found == content[place : place + size]
            assert plain.seek(0, 2) == len(content)
            assert plain.read(1) == b""


class TestNoRoom:
    def test_a_full_disk_is_told_as_one(self, public: str, tmp_path: Path) -> None:
        with Path("/dev/full").open("wb", buffering=0) as full, pytest.raises(OSError, match="No space") as caught:
            write_noise(full, public)
        assert caught.value.errno == errno.ENOSPC

    def test_nothing_is_left_of_it(self, public: str, tmp_path: Path) -> None:
        folder = tmp_path / "backups"
        folder.mkdir()
        with pytest.raises(FileNotWritten), new_file(folder / "backup.zip.age") as stream:
            write_noise(stream, public, error=OSError(errno.ENOSPC, "No space left on device"))
        assert list(folder.iterdir()) == []


def write_noise(stream: IO[bytes], public: str, *, error: OSError | None = None) -> None:
    """Write more into an encrypted file than any buffer on the way holds; then something may go wrong."""
    with encrypted(stream, read_recipients([public])) as plain:
        for _megabyte in range(4):
            plain.write(bytes(1 << 20))
        if error is not None:
            raise error


class TestKeys:
    def test_the_secret_one_is_its_owners_alone(self, public: str, tmp_path: Path) -> None:
        assert (tmp_path / "secret.key").stat().st_mode & 0o077 == 0
        assert public in (tmp_path / "secret.key").read_text()
        assert public.startswith("age1")

    @pytest.mark.parametrize("value", ["age1nonsense", "ssh-ed25519 nonsense", "chris.berg@example.org"])
    def test_what_is_no_public_key_is_refused(self, database_url: str, value: str) -> None:
        with pytest.raises(WrongRecipient) as caught:
            read_recipients([value])
        assert value in caught.value.message

    def test_a_secret_key_is_not_repeated_when_it_is_given_as_public(self, public: str, tmp_path: Path) -> None:
        secret = (tmp_path / "secret.key").read_text().splitlines()[-1]
        with pytest.raises(WrongRecipient) as caught:
            read_recipients([secret])
        assert secret not in caught.value.message

    @pytest.mark.parametrize("content", ["", "# only a comment\n", "AGE-SECRET-KEY-1NONSENSE\n", "-----BEGIN NONSENSE"])
    def test_what_holds_no_secret_key_is_refused(self, database_url: str, tmp_path: Path, content: str) -> None:
        (tmp_path / "wrong.key").write_text(content)
        with pytest.raises(WrongKeyFile):
            read_identities(tmp_path / "wrong.key")

    def test_those_of_ssh_do_as_well(self, database_url: str, tmp_path: Path) -> None:
        program = tool("ssh-keygen")
        subprocess.run([program, "-q", "-t", "ed25519", "-N", "", "-f", tmp_path / "id"], check=True)
        public = (tmp_path / "id.pub").read_text()
        with open_backup(encrypted_small(tmp_path, public), read_identities(tmp_path / "id")) as backup:
            backup.verify(ignore)


def tool(name: str) -> str:
    """Return the path of a program of this machine; skips where it is not installed."""
    return shutil.which(name) or pytest.skip(f"{name} is not installed (Debian: age, openssh-client)")


class TestStandardTool:
    """Nobody depends on this program to get at their backup."""

    def test_opens_what_we_wrote(self, backup: Path, tmp_path: Path) -> None:
        plain = tmp_path / "plain.zip"
        subprocess.run([tool("age"), "-d", "-i", tmp_path / "secret.key", "-o", plain, backup], check=True)
        with zipfile.ZipFile(plain) as archive:
            assert archive.testzip() is None
            assert "zdemir-Zw" in archive.read("tables/members.jsonl").decode()
        with BackupReader.open(plain) as reader:
            reader.verify(ignore)

    def test_writes_what_we_open(self, public: str, tmp_path: Path) -> None:
        plain, file = write_small(tmp_path / "small.zip"), tmp_path / "small.zip.age"
        subprocess.run([tool("age"), "-r", public, "-o", file, plain], check=True)
        with open_backup(file, read_identities(tmp_path / "secret.key")) as reader:
            reader.verify(ignore)

    def test_makes_keys_that_we_take(self, database_url: str, tmp_path: Path) -> None:
        subprocess.run([tool("age-keygen"), "-o", tmp_path / "k.key"], check=True, capture_output=True)
        public = subprocess.run(
            [tool("age-keygen"), "-y", tmp_path / "k.key"], check=True, capture_output=True, text=True
        ).stdout
        with open_backup(encrypted_small(tmp_path, public), read_identities(tmp_path / "k.key")) as reader:
            reader.verify(ignore)
