"""Contributing while the program is killed again and again: ``python -m bench.hub_kills``.

People tell experiences by chat and a moderator publishes them in the hub, while ``allmende serve`` is killed with
SIGKILL at random moments between a contribution's first word and the message of its publication. In the end every
experience that somebody has told must be there once, published once, and its author told once (on Telegram, which
knows no key for what is sent, messages that came twice are counted).
"""

import argparse
import json
import sqlite3
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, field
from functools import partial

from bench.chatting import MatrixPerson, MatrixSide, TelegramSide, on_matrix, on_telegram, wait_until
from bench.figures import print_table
from bench.filling import WORDS_ALONE
from bench.killing import PORT, direct_rooms, kill_meanwhile, make_people, random_lives, until_quiet
from bench.runs import Library, scratch_library
from knowledge.models.chat import Network
from tests.ports import free_port

# So many that nobody contributes more than one may in a day; and how many of them write at the same time.
PEOPLE, AT_ONCE, KILLS = 60, 6, 100
# Seconds: how long somebody waits for the bot before they go on writing, and how long nothing new may come in the end
# before all is thought to be said.
PATIENCE, QUIET = 60.0, 5.0
# How long somebody waits for a second message before they answer the first.
PAUSE = 0.4
TITLE = "Erfahrung Nummer {number:05}"
WORDS = ("Wir haben es getan, und zwar so.", "Es ging gut aus, alle sind zufrieden.")
SEND = {Network.TELEGRAM: "Absenden", Network.MATRIX: "Send it off"}
TOLD = ("Published: ", "Veröffentlicht: ")


@dataclass(frozen=True, slots=True)
class Teller:
    """Somebody who tells experiences: their address, how they write to the bot, and what it has said to them."""

    address: str
    write: Callable[[str], object]
    heard: Callable[[], Sequence[str]]
    mark: str
    send: str


@dataclass(slots=True)
class Told:
    """How many experiences were told so far, from the first word to the last."""

    begun: int = 0
    titles: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def begin(self) -> int:
        """Return the number of the next one."""
        with self.lock:
            self.begun += 1
            return self.begun


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of what was told."""

    kills: int
    told: int
    lost: int
    doubled: int
    unheard: int
    heard_twice: int


def measure(library: Library, network: Network, tellers: Sequence[Teller], *, kills: int, seed: int = 1) -> Outcome:
    """Let people tell and a moderator publish, and kill meanwhile.

    Args:
        library: is empty; its settings connect the bot to the network.
        network: where the people are.
        tellers: the people.
        kills: how often.
        seed: makes the moments.
    """
    moderator = make_people(library, network, [teller.address for teller in tellers])
    told = Told()
    works = [partial(_tell, tellers[first::AT_ONCE], told) for first in range(AT_ONCE)]

    def settle() -> None:
        until_quiet(lambda: sum(_news(tellers).values()), quiet=QUIET, least=len(told.titles))

    kill_meanwhile(library, works, settle, moderator=moderator, lives=random_lives(kills, seed))
    return _judge(library, tellers, told, kills)


def _tell(tellers: Sequence[Teller], told: Told, stop: threading.Event) -> None:
    """Tell one experience after the other, each time somebody else."""
    while not stop.is_set():
        number = told.begin()
        teller, title = tellers[number % len(tellers)], TITLE.format(number=number)
        for words in (f"{teller.mark}erfahrung", title, *WORDS, teller.send):
            before = len(teller.heard())
            teller.write(words)
            with suppress(AssertionError):
                wait_until(partial(_heard_out, teller, before), seconds=PATIENCE, pause=0.05)
        told.titles.append(title)


def _heard_out(teller: Teller, before: int) -> bool:
    """Whether the bot has said something, and nothing more comes at the moment."""
    count = len(teller.heard())
    if count <= before:
        return False
    time.sleep(PAUSE)
    return len(teller.heard()) == count


def _news(tellers: Sequence[Teller]) -> Counter[str]:
    """Count by title how often the author heard of the publication."""
    heard = (text.splitlines()[0] for teller in tellers for text in teller.heard() if text.startswith(TOLD))
    return Counter(line.partition(": ")[2].strip() for line in heard)


def _judge(library: Library, tellers: Sequence[Teller], told: Told, kills: int) -> Outcome:
    published, news = Counter(_titles(library)), _news(tellers)
    return Outcome(
        kills=kills,
        told=len(told.titles),
        lost=sum(not published[title] for title in told.titles),
        doubled=sum(published[title] > 1 for title in told.titles),
        unheard=sum(not news[title] for title in told.titles),
        heard_twice=sum(news[title] > 1 for title in told.titles),
    )


def _titles(library: Library) -> list[str]:
    """Return the titles of all published contributions that have a document."""
    query = "SELECT c.fields FROM contributions c JOIN documents d ON d.id = c.document_id WHERE d.status = 'published'"
    with closing(sqlite3.connect(library.folder / "allmende.db")) as database:
        return [json.loads(row[0])["title"] for row in database.execute(query)]


def on_stand_in(side: TelegramSide) -> list[Teller]:
    """Return the people of Telegram's stand-in."""
    return [
        Teller(str(one.id), partial(one.writes, None), one.direct.said, "/", SEND[Network.TELEGRAM])
        for one in side.people
    ]


def on_homeserver(side: MatrixSide) -> list[Teller]:
    """Return the people of a homeserver, each with a direct chat with the bot."""
    tellers = []
    for person, room in zip(side.people, direct_rooms(side), strict=True):

        def heard(person: MatrixPerson = person, room: str = room) -> list[str]:
            events = person.messages(room)
            mine = (one["content"] for one in events if one["sender"] == side.bot and "body" in one["content"])
            return [str(content["body"]) for content in mine if "m.new_content" not in content]

        tellers.append(Teller(person.user, partial(person.say, room), heard, "!", SEND[Network.MATRIX]))
    return tellers


def main() -> None:
    """Kill on both networks and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=KILLS)
    parser.add_argument("--seed", type=int, default=1)
    given, outcomes = parser.parse_args(), {}
    with (
        on_telegram(PEOPLE, 0) as side,
        scratch_library(**WORDS_ALONE, **side.settings(), **{PORT: str(free_port())}) as own,
    ):
        outcomes["Telegram"] = measure(own, Network.TELEGRAM, on_stand_in(side), kills=given.kills, seed=given.seed)
    with (
        on_matrix(PEOPLE, 0) as other,
        scratch_library(**WORDS_ALONE, **other.settings(), **{PORT: str(free_port())}) as own,
    ):
        outcomes["Matrix"] = measure(own, Network.MATRIX, on_homeserver(other), kills=given.kills, seed=given.seed)
    rows = [
        [name, *(str(number) for number in (one.kills, one.told, one.lost, one.doubled, one.unheard, one.heard_twice))]
        for name, one in outcomes.items()
    ]
    head = ["network", "kills", "told", "lost", "published twice", "author not told", "author told twice"]
    print_table("Killed between the first word and the publication", rows, head=head)


if __name__ == "__main__":
    main()
