"""Parts that are away for a moment while people work: answers go on or say why, and nothing is lost or there twice.

The long form, with every part and a minute each, is ``python -m bench.failing_parts``.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.failing_parts import Failing, measure, parts, small_disk_at
from bench.parts import World, two_hosts

# Seconds: how long each part is away, and how long people work before and after.
AWAY, BEFORE = 2.0, 1.0
WANTED = {"PostgreSQL, gone", "PostgreSQL, hanging", "Telegram, gone", "mail server, gone"}
# A process is started anew: a browser that asks it just then gets no reply.
RESTARTING = {"the clock, jumping by a day"}
# Not there where no homeserver is installed, and where only root may make a small disk.
WHERE_POSSIBLE = {"Synapse, gone", "a host's disk, full"}


@contextmanager
def world_in(folder: Path, database_url: str) -> Iterator[tuple[World, list[Failing]]]:
    """Give two hosts, by words alone, and what can be taken away there."""
    settings = {"ALLMENDE_EMBEDDING_MODEL": "none"}
    with (
        small_disk_at(folder / "south") as small,
        two_hosts(folder, database_url, settings, on_synapse=True) as world,
    ):
        yield world, list(parts(world, None, small_disk=small))


def went_well(world: World, part: Failing) -> None:
    """Take a part away under load, and see what became of everything."""
    outcome = measure(world, part, AWAY, before=BEFORE)
    assert outcome.published, "somebody published something"
    assert outcome.asked, "somebody asked in the chat"
    assert outcome.noticed, "somebody was to get mail"
    assert (outcome.lost.total(), outcome.doubled.total()) == (0, 0), outcome
    assert outcome.heard.wrong == 0, outcome
    assert outcome.heard.silent == 0 or part.name in RESTARTING, outcome
    assert outcome.heard.answered, outcome


class TestAwayForAMoment:
    def test_answers_go_on_or_say_why_and_all_is_caught_up_with(self, tmp_path: Path, empty_postgres: str) -> None:
        with world_in(tmp_path, empty_postgres) as (world, all_parts):
            there = {part.name: part for part in all_parts}
            for name in [*sorted(WANTED | RESTARTING), *sorted(WHERE_POSSIBLE & there.keys())]:
                went_well(world, there[name])
