"""The whole bot as a process of its own on a real homeserver: asked, killed in the middle, asked again, ended."""

import asyncio
import signal
from pathlib import Path

import pytest

from tests.bot.matrix.people import Person, person_on
from tests.hub.shell import Shell, write_texts
from tests.journeys.processes import Running
from tests.synapse import PASSWORD, Synapse

QUESTION = "!frage Was kostet die Erneuerung einer Brücke?"
READY = "Matrix: connected"
# What the answers to the question and the two commands hold, and nothing else does.
# (The lessons that come with the program may be in the library by then, as something near.)
NEAR = "I found no answer that is certain enough"
ONCE = ("The network does not know anything about this yet", "I write nothing of my own", "How I can help")


@pytest.fixture
def serving(synapse: Synapse, tmp_path: Path) -> Shell:
    """A folder with a small library and the bot's account in its settings."""
    settings = {
        "ALLMENDE_MATRIX_HOMESERVER": synapse.url,
        "ALLMENDE_MATRIX_USER": synapse.register("allmende"),
        "ALLMENDE_MATRIX_PASSWORD": PASSWORD,
    }
    shell = Shell(tmp_path, settings)
    shell.succeed("add", str(write_texts(tmp_path / "texts")))
    return shell


def bot_of(shell: Shell) -> str:
    return f"@{shell.settings['ALLMENDE_MATRIX_USER']}:localhost"


def heard(person: Person, room: str, bot: str) -> list[str]:
    """Return how the bot's messages in a room begin, edits aside, as far as the person could read them."""
    said = [each for each in person.events if (each["room_id"], each["sender"]) == (room, bot) and each["decrypted"]]
    contents = [each["content"] for each in said if each["type"] == "m.room.message"]
    bodies = [each["body"] for each in contents if each.get("m.relates_to", {}).get("rel_type") != "m.replace"]
    bodies = [body.replace(NEAR, ONCE[0]) for body in bodies]
    return [beginning for body in bodies for beginning in ONCE if beginning in body]


class TestKilled:
    async def test_everything_is_answered_once_and_encrypted(self, synapse: Synapse, serving: Shell) -> None:
        bot = bot_of(serving)
        async with person_on(synapse) as anna:
            with Running(serving, "bot", "matrix") as process:
                await asyncio.to_thread(process.wait_for, READY)
                room = await anna.make_room(bot, direct=True, encrypted=True)
                await anna.wait_until_in(room, bot)
                await anna.say(room, QUESTION)
                process.process.kill()
            await anna.say(room, "/about")
            with Running(serving, "bot", "matrix") as process:
                await asyncio.to_thread(process.wait_for, READY)
                await anna.say(room, "/help")
                await anna.wait_for(lambda _event: all(map(heard(anna, room, bot).count, ONCE)))
                code, _printed, _said = await asyncio.to_thread(process.end, signal.SIGTERM)
            await anna.sync()
        assert code == 0
        assert [heard(anna, room, bot).count(beginning) for beginning in ONCE] == [1] * len(ONCE)
        assert anna.locked == []
