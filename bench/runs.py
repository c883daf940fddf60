"""Running Allmende the way its users do, in scratch folders."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from knowledge.kit.settings import PROJECT


@dataclass(frozen=True, slots=True)
class Library:
    """A data folder of its own, used through the command line."""

    folder: Path
    settings: Mapping[str, str] = field(default_factory=dict)

    @property
    def environment(self) -> dict[str, str]:
        """The environment that its commands run in."""
        # A prepared model may be shared, so that not every scratch folder prepares its own.
        kept = ("ALLMENDE_MODELS_DIR",)
        own = {name: value for name, value in os.environ.items() if not name.startswith("ALLMENDE_") or name in kept}
        return {
            **own,
            "PYTHONPATH": str(PROJECT),
            "ALLMENDE_DATA_DIR": str(self.folder),
            "ALLMENDE_ENV_FILE": os.devnull,
            **self.settings,
        }

    def run(self, *arguments: str, text: str | None = None, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run one command and return what it printed. Raises ``CalledProcessError`` for an exit code other than 0."""
        command = [sys.executable, "-m", "hub.cli", *arguments]
        return subprocess.run(
            command, input=text, capture_output=True, encoding="utf-8", env=self.environment, check=check
        )

    def add(self, *paths: Path) -> None:
        """Import files and folders."""
        self.run("add", *map(str, paths))

    def search(self, queries: Sequence[str], *, limit: int = 30) -> list[dict[str, Any]]:
        """Send all queries through one ``allmende search``."""
        printed = self.run("search", "--limit", str(limit), text="".join(f"{query}\n" for query in queries)).stdout
        replies = [json.loads(line) for line in printed.splitlines()]
        assert len(replies) == len(queries), "one line of output for each line of input"
        return replies


@contextmanager
def scratch_library(**settings: str) -> Iterator[Library]:
    """Give a library in a folder that is gone afterwards."""
    with TemporaryDirectory(prefix="allmende-bench-") as folder:
        yield Library(Path(folder) / "data", settings)
