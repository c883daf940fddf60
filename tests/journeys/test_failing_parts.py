"""Parts that are away for a moment while people work: answers go on or say why, and nothing is lost or there twice.

The long form, with every part and a minute each, is ``python -m bench.failing_parts``.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.failing_parts import Failing, cut, held, measure
from bench.parts import World, two_hosts

# Seconds: how long each part is away, and how long people work before and after.
AWAY, BEFORE = 2.0, 1.0


@contextmanager
def world_in(folder: Path, database_url: str) -> Iterator[World]:
    """Give two hosts, by words alone."""
    with two_hosts(folder, database_url, {"ALLMENDE_EMBEDDING_MODEL": "none"}) as world:
        yield world


def went_well(world: World, part: Failing) -> None:
    """Take a part away under load, and see what became of everything."""
    outcome = measure(world, part, AWAY, before=BEFORE)
    assert outcome.published, "somebody published something"
    assert outcome.asked, "somebody asked in the chat"
    assert outcome.noticed, "somebody was to get mail"
    assert (outcome.lost.total(), outcome.doubled.total()) == (0, 0), outcome
    assert (outcome.heard.silent, outcome.heard.wrong) == (0, 0), outcome
    assert outcome.heard.answered, outcome


class TestAwayForAMoment:
    def test_answers_go_on_or_say_why_and_all_is_caught_up_with(self, tmp_path: Path, empty_postgres: str) -> None:
        with world_in(tmp_path, empty_postgres) as world:
            for part in (
                cut("PostgreSQL, gone", "postgres"),
                held("PostgreSQL, hanging", "postgres"),
                cut("Telegram, gone", "telegram"),
                cut("mail server, gone", "mail"),
            ):
                went_well(world, part)
