"""Tests of work that is done by the clock: it goes on after a failure, and ends when it is told to."""

import asyncio
from datetime import timedelta

import pytest

from knowledge.kit.repeating import repeat


class TestRepeat:
    async def test_goes_on_after_what_is_away(self) -> None:
        stop, tried = asyncio.Event(), 0

        async def work() -> None:
            nonlocal tried
            tried += 1
            if tried == 1:
                raise ConnectionError
            stop.set()

        await repeat(work, stop, every=timedelta(), name="work")
        assert tried == 2

    async def test_ends_in_the_middle_of_a_pause(self) -> None:
        stop, done = asyncio.Event(), asyncio.Event()

        async def work() -> None:
            done.set()

        repeating = asyncio.create_task(repeat(work, stop, every=timedelta(days=1), name="work"))
        await done.wait()
        stop.set()
        await repeating

    async def test_a_mistake_of_ours_is_not_hidden(self) -> None:
        async def work() -> None:
            raise KeyError

        with pytest.raises(KeyError):
            await repeat(work, asyncio.Event(), every=timedelta(), name="work")
