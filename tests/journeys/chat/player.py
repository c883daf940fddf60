"""Playing a story on a stage."""

import asyncio
import re
import time
from collections.abc import Awaitable, Callable, Sequence

from tests.journeys.chat.scenario import Shown, Stage, Step

PATIENCE = 30.0
# Somebody beside the story: when they are answered, all that came before them has been looked at.
BYSTANDER = "zoe"


# What happens beside the chat: moderators do something (``ask``, ``publish``, ``reject``) with the newest contribution,
# somebody ``offers`` help with a topic, the group gets a ``circle`` or its ``weekly`` lesson, there are ``lessons``,
# people are ``told``.
Happen = Callable[[str, str, str], Awaitable[None]]


class Player:
    """Plays the steps of one story, each when the one before has come true."""

    def __init__(self, stage: Stage, happen: Happen) -> None:
        self._stage = stage
        self._happen = happen
        self._events: dict[str, str] = {}
        self._places: dict[str, str | None] = {}
        self._heard: dict[str | None, set[str]] = {}

    async def play(self, steps: Sequence[Step]) -> None:
        """Play a story from its beginning to its end; raises ``AssertionError`` with what did not come true."""
        await self._stage.start()
        try:
            for step in steps:
                if step.feature is None or step.feature in self._stage.features:
                    await self._step(step)
        finally:
            await self._stage.stop()

    async def _step(self, step: Step) -> None:
        who, about, text = (step.parts.get(key) or "" for key in ("who", "about", "text"))
        match step.deed:
            case "writes" | "mentions" | "replies" | "alone":
                await self._write(step, who, text, self._events[about] if about else None)
            case "chooses":
                emoji, _space, label = text.partition(" ")
                await self._stage.choose(who, self._events[about], emoji, label)
            case "changes":
                await self._stage.change(who, self._events[about], text)
            case "takes_back":
                await self._stage.take_back(who, self._events[about])
            case "said" | "said_to":
                await self._hear(step, who or None, text)
            case "now_says" | "is_gone":
                await self._look(step, about, text)
            case "silent" | "silent_to":
                await self._expect_silence(step, who or None)
            case "moderators" | "offers" | "circle" | "lessons" | "weekly" | "told":
                deed, what = (about, text) if step.deed == "moderators" else (step.deed, about)
                await self._happen(deed, who, what)
            case "restart":
                await self._stage.stop()
                await self._stage.start()

    async def _write(self, step: Step, who: str, text: str, reply_to: str | None) -> None:
        alone = step.deed == "alone"
        event = await self._stage.write(who, text, alone=alone, to_bot=step.deed == "mentions", reply_to=reply_to)
        if step.name:
            self._events[step.name] = event

    async def _hear(self, step: Step, who: str | None, text: str) -> None:
        """Wait for something that the bot had not said before."""
        heard = self._heard.setdefault(who, set())
        end = time.monotonic() + PATIENCE
        while True:
            shown = await self._stage.shown(who)
            for message in shown:
                if message.event not in heard and fits(message.text, text):
                    heard.add(message.event)
                    if step.name:
                        self._events[step.name], self._places[step.name] = message.event, who
                    return
            assert time.monotonic() < end, f"never came true: {step.line}\nthe bot said: {shown}"
            await self._stage.wait(who)

    async def _look(self, step: Step, about: str, text: str) -> None:
        """Wait until something that was said stands there in another way, or no more."""
        end = time.monotonic() + PATIENCE
        while True:
            shown = await self._stage.shown(self._places[about])
            now = [message for message in shown if message.event == self._events[about]]
            if (not now) if step.deed == "is_gone" else any(fits(message.text, text) for message in now):
                return
            assert time.monotonic() < end, f"never came true: {step.line}\nit says: {now}"
            await self._stage.wait(self._places[about])

    async def _expect_silence(self, step: Step, who: str | None) -> None:
        before = len(await self._stage.shown(BYSTANDER))
        await self._stage.write(BYSTANDER, "/cancel", alone=True, to_bot=False, reply_to=None)
        end = time.monotonic() + PATIENCE
        while len(await self._stage.shown(BYSTANDER)) == before:
            assert time.monotonic() < end, "the bot is deaf"
            await self._stage.wait(BYSTANDER)
        await asyncio.sleep(0.2)
        new = [message for message in await self._stage.shown(who) if message.event not in self._heard.get(who, set())]
        assert new == [], f"{step.line}\nthe bot said: {new}"


def fits(said: str, wanted: str) -> bool:
    """Whether a text holds all parts that are wanted, and none that is not."""
    return all(_fits(said, part.strip()) for part in wanted.split(" | "))


def _fits(said: str, part: str) -> bool:
    if part.startswith("!"):
        return not _fits(said, part[1:])
    if len(part) > 2 and part.startswith("/") and part.endswith("/"):
        return re.search(part[1:-1], said) is not None
    return part in said


def listed(messages: Sequence[tuple[str, str]]) -> list[Shown]:
    """Return messages given as event and text."""
    return [Shown(event, text) for event, text in messages]
