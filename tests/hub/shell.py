"""The command line in processes of its own, as a person or a script calls it."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Any

from bench.runs import Library
from knowledge.kit.settings import PROJECT
from tests.hub.warm import Command, can_be_warm, language_in, warm

Result = subprocess.CompletedProcess[str]


@dataclass(frozen=True, slots=True)
class Shell:
    """A folder to call commands from, with a data folder in it; words alone, which is quick, and English."""

    folder: Path
    settings: Mapping[str, str] = field(default_factory=dict)

    @property
    def data(self) -> Path:
        """The data folder."""
        return self.folder / "data"

    def begun(self, template: Path) -> "Shell":
        """Have its database there already, which the first command makes otherwise; returns the same place.

        Args:
            template: the SQLite file to copy.
        """
        self.data.mkdir(mode=0o700, parents=True)
        shutil.copyfile(template, self.data / "allmende.db")
        return self

    @property
    def environment(self) -> dict[str, str]:
        """What the commands find around them."""
        own = {name: value for name, value in os.environ.items() if not name.startswith("ALLMENDE_")}
        return {
            **own,
            "PYTHONPATH": os.pathsep.join([str(PROJECT), os.environ.get("PYTHONPATH", "")]),
            "PYTHONDONTWRITEBYTECODE": "1",
            "ALLMENDE_ENV_FILE": os.devnull,
            "ALLMENDE_DATA_DIR": str(self.data),
            "ALLMENDE_EMBEDDING_MODEL": "none",
            "ALLMENDE_LANGUAGE": "en",
            # Any free one: several tests serve the hub at the same time.
            "ALLMENDE_HUB_PORT": "0",
            **self.settings,
        }

    def with_settings(self, **settings: str) -> "Shell":
        """Return the same place with other settings."""
        return Shell(self.folder, {**self.settings, **settings})

    def copy_to(self, folder: Path) -> "Shell":
        """Return a copy of its data, which nobody has open, for a test that changes it."""
        copy = Shell(folder, self.settings)
        shutil.copytree(self.data, copy.data, ignore=shutil.ignore_patterns("owner.*"))
        return copy

    def run(
        self,
        *arguments: str,
        text: str | None = None,
        before: Callable[[], None] | None = None,
    ) -> Result:
        """Call a command to its end.

        Args:
            arguments: the command with its options.
            text: its standard input.
            before: done in the new process before the command begins.
        """
        if before is None and can_be_warm(self.settings):
            return run_warm(arguments, self.folder, self.environment, text)
        return subprocess.run(
            [sys.executable, "-m", "hub.cli", *arguments],
            cwd=self.folder,
            env=self.environment,
            input=text,
            capture_output=True,
            encoding="utf-8",
            check=False,
            preexec_fn=before,
        )

    def succeed(self, *arguments: str, text: str | None = None) -> str:
        """Call a command that must succeed, and return its standard output."""
        result = self.run(*arguments, text=text)
        assert result.returncode == 0, result.stderr
        return result.stdout

    def lines(self, *arguments: str) -> list[dict[str, Any]]:
        """Call a command that must print JSON lines, and return them."""
        return [json.loads(line) for line in self.succeed(*arguments).splitlines()]

    def json(self, *arguments: str) -> dict[str, Any]:
        """Call a command that must print one JSON document, and return it."""
        document: dict[str, Any] = json.loads(self.succeed(*arguments))
        return document

    def start(self, *arguments: str) -> Command:
        """Begin a command that goes on by itself."""
        return warm(language_in(self.environment)).begin(arguments, self.folder, self.environment)


class WarmLibrary(Library):
    """A library as measurements use it, with commands that are quick to start."""

    def run(self, *arguments: str, text: str | None = None, check: bool = True) -> Result:
        """Run one command and return what it printed. Raises ``CalledProcessError`` for an exit code other than 0."""
        if not can_be_warm(self.settings):
            return super().run(*arguments, text=text, check=check)
        result = run_warm(arguments, Path.cwd(), self.environment, text)
        if check:
            result.check_returncode()
        return result


def run_warm(arguments: Sequence[str], folder: Path, environment: Mapping[str, str], text: str | None) -> Result:
    """Call a command to its end, without the time that starting Python takes."""
    with TemporaryFile() as given, TemporaryFile() as printed, TemporaryFile() as said:
        given.write((text or "").encode())
        given.seek(0)
        streams = [stream.fileno() for stream in (given, printed, said)]
        code = warm(language_in(environment)).start(arguments, folder, environment, streams).wait()
        return Result(["allmende", *arguments], code, _text_of(printed), _text_of(said))


def _text_of(stream: IO[bytes]) -> str:
    stream.seek(0)
    return stream.read().decode()


def write_texts(folder: Path, count: int = 2) -> Path:
    """Write some short texts; returns their folder."""
    folder.mkdir()
    for number in range(1, count + 1):
        text = f"# Bericht {number}\n\nDie Gemeinde Nummer {number} hat {number} Bäume an der Straße gepflanzt.\n"
        (folder / f"bericht-{number}.md").write_text(text, encoding="utf-8")
    return folder
