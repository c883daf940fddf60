"""A command on a clock of its own: ``python -m bench.own_clock FILE COMMAND …`` runs ``allmende COMMAND …``.

The file says by how many seconds its time of day is off, and may change at any moment. Clocks that measure how long
something takes go on as ever, as they do where a machine's time is set.
"""

import runpy
import sys
import time
from datetime import datetime, timedelta, tzinfo
from pathlib import Path
from typing import Self

from knowledge.kit import clock


def run_off_by(file: Path, arguments: list[str]) -> None:
    """Run a command of ours on a clock that is off by what the file says."""

    def off() -> float:
        return float(file.read_text(encoding="ascii") or 0)

    class OffTime(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> Self:
            return super().now(tz) + timedelta(seconds=off())

    right = time.time
    # Ours all ask one place; libraries ask the system.
    vars(clock)["datetime"] = OffTime
    time.time = lambda: right() + off()
    sys.argv = ["allmende", *arguments]
    runpy.run_module("hub.cli", run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    run_off_by(Path(sys.argv[1]), sys.argv[2:])
