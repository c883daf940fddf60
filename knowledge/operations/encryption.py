"""Encrypting backups for whoever holds a key, in the format of https://age-encryption.org, which other tools open, too.

The plain text of a backup is never on a disk and never as a whole in memory: it goes through a pipe.
"""

import io
import os
import re
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, TypeAlias

from knowledge.kit.errors import InvalidInput
from knowledge.kit.language import _
from knowledge.operations.archive import LONGEST_MANIFEST, BackupDamaged, BackupReader
from knowledge.operations.safe_file import new_file

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

# What the library gives back for a public key, and for a secret one.
Recipient: TypeAlias = Any
Identity: TypeAlias = Any

HEADER = b"age-encryption.org/v1\n"
SUFFIX = ".age"
# Bytes; the end of an archive, where its table of contents and its manifest are, is read first.
CHUNK, TAIL = 1 << 16, 2 * LONGEST_MANIFEST
# A file of keys is short; whatever is longer is something else.
LONGEST_KEY_FILE = 1 << 16
SECRET = re.compile(r"AGE-SECRET-KEY-\S*", re.IGNORECASE)
NO_KEY_FITS = "No matching keys found"


class WrongRecipient(InvalidInput):
    """Something that is no public key."""

    code = "backup.wrong_recipient"

    def __init__(self, value: str) -> None:
        message = _(
            "“{value}” is no public key for backups. It begins with “age1” (or “ssh-ed25519”, “ssh-rsa”); “allmende "
            "backup-key FILE” makes one."
        )
        super().__init__(message.format(value=SECRET.sub("…", value)[:80]))


class WrongKeyFile(InvalidInput):
    """Something that is no file of secret keys."""

    code = "backup.wrong_key_file"

    def __init__(self, file: Path) -> None:
        message = _(
            "“{file}” holds no secret key for backups. A line of it has to begin with “AGE-SECRET-KEY-1”, or it is an "
            "SSH key without a passphrase."
        )
        super().__init__(message.format(file=file))


class KeyNeeded(InvalidInput):
    """The backup is encrypted, and no key was given."""

    code = "backup.key_needed"

    def __init__(self, file: Path) -> None:
        message = _("“{name}” is encrypted. Please name the file with the secret key: --identity KEYFILE")
        super().__init__(message.format(name=file.name))


class WrongKey(InvalidInput):
    """The backup was encrypted for other keys."""

    code = "backup.wrong_key"

    def __init__(self, file: Path) -> None:
        message = _("None of these keys opens “{name}”. Nothing was changed; please take the key it was made for.")
        super().__init__(message.format(name=file.name))


def read_recipients(values: Sequence[str]) -> Sequence[Recipient]:
    """Return public keys as written by ``age-keygen`` or of SSH. Raises ``WrongRecipient``."""
    return [_recipient(value.strip()) for value in values if value.strip()]


def _recipient(value: str) -> Recipient:
    import pyrage

    kind = pyrage.ssh if value.startswith("ssh-") else pyrage.x25519
    try:
        return kind.Recipient.from_str(value)
    except pyrage.RecipientError as error:
        raise WrongRecipient(value) from error


def read_identities(file: Path) -> Sequence[Identity]:
    """Return the secret keys in a file as ``age-keygen`` writes it, or one of SSH.

    Raises ``WrongKeyFile``, ``OSError``.
    """
    import pyrage

    with file.open("rb") as stream:
        content = stream.read(LONGEST_KEY_FILE)
    try:
        if content.startswith(b"-----BEGIN"):
            return [pyrage.ssh.Identity.from_buffer(content)]
        lines = [line.strip() for line in content.decode("ascii").splitlines()]
        found = [pyrage.x25519.Identity.from_str(line) for line in lines if line and not line.startswith("#")]
    except (pyrage.IdentityError, UnicodeDecodeError) as error:
        raise WrongKeyFile(file) from error
    if not found:
        raise WrongKeyFile(file)
    return found


def make_key(file: Path, moment: datetime) -> str:
    """Write a new secret key into the new file ``file``, for its owner only; returns the public one.

    Raises ``FileExists``, ``FileNotWritten``.
    """
    import pyrage

    secret = pyrage.x25519.Identity.generate()
    public = str(secret.to_public())
    with new_file(file) as stream:
        stream.write(f"# created: {moment.isoformat(timespec='seconds')}\n# public key: {public}\n{secret}\n".encode())
    return public


def is_encrypted(file: Path) -> bool:
    """Whether a file begins as an encrypted one does. Raises ``OSError``."""
    with file.open("rb") as stream:
        return stream.read(len(HEADER)) == HEADER


@contextmanager
def encrypted(stream: IO[bytes], recipients: Sequence[Recipient]) -> Iterator[IO[bytes]]:
    """Yield a stream; what is written there comes out of ``stream`` encrypted. Without recipients it is ``stream``.

    Raises the ``OSError`` that writing to ``stream`` met.
    """
    if not recipients:
        yield stream
        return
    reader, writer = os.pipe()
    sink = _Sink(stream)
    with ThreadPoolExecutor(1) as threads:
        work = threads.submit(_encrypt, os.fdopen(reader, "rb"), sink, recipients)
        try:
            with os.fdopen(writer, "wb", CHUNK) as plain:
                yield plain
        except BrokenPipeError:
            _finish(work, sink)
            raise
        _finish(work, sink)


class _Sink:
    """Where encrypted bytes go; remembers why they could not, which the library tells in words only."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self.error: OSError | None = None

    def write(self, content: bytes) -> int:
        try:
            return self._stream.write(content)
        except OSError as error:
            self.error = error
            raise

    def flush(self) -> None:
        pass


def _encrypt(source: IO[bytes], sink: _Sink, recipients: Sequence[Recipient]) -> None:
    import pyrage

    # Closing our end lets whoever still writes know that nobody reads any more.
    with source:
        pyrage.encrypt_io(source, sink, list(recipients))


def _finish(work: Future[None], sink: _Sink) -> None:
    failure = work.exception()
    if sink.error is not None:
        raise sink.error
    if failure is not None:
        raise failure


class DecryptedFile(io.RawIOBase):
    """The plain text of an encrypted file, to be read at any place; reading in order is quick, going back is not.

    The whole file is decrypted once at first, which finds out whether a key fits and every byte is as it was written.

    Raises ``WrongKey``, ``BackupDamaged``, ``OSError``.
    """

    def __init__(self, file: Path, identities: Sequence[Identity]) -> None:
        super().__init__()
        self._file, self._identities = file, identities
        self._threads = ThreadPoolExecutor(1)
        self._plain: IO[bytes] | None = None
        self._place = self._reached = 0
        try:
            self._length, self._tail = self._survey()
        except BaseException:
            self.close()
            raise

    def readable(self) -> bool:
        """Yes."""
        return True

    def seekable(self) -> bool:
        """Yes."""
        return True

    def tell(self) -> int:
        """Return the place that is read next."""
        return self._place

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Go to a place; nothing is read for that yet."""
        start = {os.SEEK_SET: 0, os.SEEK_CUR: self._place, os.SEEK_END: self._length}[whence]
        self._place = max(start + offset, 0)
        return self._place

    def readinto(self, buffer: "WriteableBuffer") -> int:
        """Read what comes next."""
        view = memoryview(buffer).cast("B")
        content = self._read(len(view))
        view[: len(content)] = content
        self._place += len(content)
        return len(content)

    def close(self) -> None:
        """Stop decrypting."""
        self._stop()
        self._threads.shutdown()
        super().close()

    def _read(self, size: int) -> bytes:
        tail = self._length - len(self._tail)
        if self._place >= tail:
            return self._tail[self._place - tail : self._place - tail + size]
        plain = self._plain_at(self._place)
        content = plain.read(min(size, tail - self._place))
        self._reached += len(content)
        return content

    def _plain_at(self, place: int) -> IO[bytes]:
        """Return the plain text from a place on; one that lies behind begins from the start."""
        if self._plain is None or self._reached > place:
            self._stop()
            self._plain, _work = self._start()
            self._reached = 0
        while self._reached < place and (passed := self._plain.read(min(CHUNK, place - self._reached))):
            self._reached += len(passed)
        return self._plain

    def _survey(self) -> tuple[int, bytes]:
        """Decrypt everything; returns how long it is, and its end."""
        plain, work = self._start()
        length, kept, end = 0, 0, deque[bytes]()
        with plain:
            while chunk := plain.read(CHUNK):
                end.append(chunk)
                length, kept = length + len(chunk), kept + len(chunk)
                while kept - len(end[0]) >= TAIL:
                    kept -= len(end.popleft())
        self._check(work)
        return length, b"".join(end)

    def _check(self, work: Future[None]) -> None:
        import pyrage

        try:
            work.result()
        except pyrage.DecryptError as error:
            if NO_KEY_FITS in str(error):
                raise WrongKey(self._file) from error
            raise BackupDamaged(self._file, str(error)) from error
        except (OSError, EOFError) as error:
            # What does not fit in the file itself is told as an error of reading, without the system's number.
            if isinstance(error, OSError) and error.errno is not None:
                raise
            raise BackupDamaged(self._file, str(error)) from error

    def _start(self) -> tuple[IO[bytes], Future[None]]:
        source = self._file.open("rb")
        reader, writer = os.pipe()
        work = self._threads.submit(_decrypt, source, os.fdopen(writer, "wb"), self._identities)
        return os.fdopen(reader, "rb", CHUNK), work

    def _stop(self) -> None:
        """Close our end of the pipe, so that whoever decrypts into it ends."""
        if self._plain is not None:
            self._plain.close()
            self._plain = None


def _decrypt(source: IO[bytes], plain: IO[bytes], identities: Sequence[Identity]) -> None:
    import pyrage

    with source:
        try:
            pyrage.decrypt_io(source, plain, list(identities))
        finally:
            with suppress(BrokenPipeError):
                plain.close()


def open_backup(file: Path, identities: Sequence[Identity] | None = None) -> BackupReader:
    """Open a backup, encrypted or not, and read its manifest.

    Raises ``KeyNeeded``, ``WrongKey``, ``BackupDamaged``, ``BackupFromNewerProgram``, ``OSError``.
    """
    if not is_encrypted(file):
        return BackupReader.open(file)
    if identities is None:
        raise KeyNeeded(file)
    return BackupReader.open(file, io.BufferedReader(DecryptedFile(file, identities), CHUNK))
