"""A question's whole way while the program is killed again and again: ``python -m bench.network_kills``.

Clerks ask the network by chat, for each a colleague who offered help answers and says yes to the library, a moderator
publishes in the hub; meanwhile ``allmende serve`` is killed with SIGKILL at random moments. In the end each step of
each question must have happened once: released, brought to the colleague, answered, the asker told, published, the
asker told again. On Telegram, which knows no key for what is sent, messages may come twice; they are counted.
What is published may answer another question, too, which then takes no more answers (here all of them read alike, and
only words are compared); such questions are counted apart. So are those that were brought to nobody because their
colleague was asked often enough that week: what was published lends its topics to later questions that read like it,
and so they are brought to colleagues of other pairs, too.
"""

import argparse
import re
import sqlite3
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, closing
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from bench.chatting import MatrixPerson, MatrixSide, TelegramSide, on_matrix, on_telegram, wait_until
from bench.figures import print_table
from bench.filling import WORDS_ALONE
from bench.killing import (
    LONGEST_LIFE,
    PORT,
    direct_rooms,
    kill_meanwhile,
    make_people,
    random_lives,
    served_once,
    until_quiet,
)
from bench.runs import Library, scratch_library
from knowledge.kit.language import _, choose_language
from knowledge.kit.unit_of_work import UnitOfWork
from knowledge.members.schemas import MemberEntry
from knowledge.models.chat import Network
from knowledge.models.member import Findable, Member
from knowledge.models.topic import MemberTopic, Stance
from knowledge.questions.routing import MOST_ASKED
from knowledge.topics.service import TopicForm, TopicService
from tests.ports import free_port
from tests.telegram_server.world import Message
from tests.telegram_server.world import Person as TelegramPerson

# Askers with their colleagues, how often each pair goes the whole way (a colleague is asked three times a week at most,
# perhaps by another pair, too), and how many of them are busy at the same time.
PAIRS, TIMES, AT_ONCE, KILLS = 60, 2, 6, 50
# Seconds: how long somebody waits for the bot, and how long nothing new may come in the end.
PATIENCE, QUIET = 180.0, 6.0
# What the program speaks here, whether or not somebody said something (see ``Served``).
LANGUAGE = "en"
STEPS = ("released", "brought", "answered", "asker told", "published", "asker told of it")
_SYLLABLES = ("ba", "de", "fi", "go", "ku", "la", "me", "ni", "po", "ru")


@dataclass(frozen=True, slots=True)
class Heard:
    """A message of the bot, and how its choices are pressed: by the label where there are buttons, else the emoji."""

    text: str
    press: Callable[[str, str], object]


@dataclass(frozen=True, slots=True)
class Clerk:
    """Somebody in a direct chat with the bot: their address, how they write, and what the bot has said to them."""

    address: str
    write: Callable[[str], object]
    heard: Callable[[], Sequence[Heard]]
    mark: str


@dataclass(slots=True)
class Way:
    """How far the questions came: by number, those of which a clerk had all confirmed by the bot."""

    begun: int = 0
    answered: list[int] = field(default_factory=list)
    stuck: dict[int, str] = field(default_factory=dict)
    closed: int = 0
    spared: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def begin(self) -> int:
        """Return the number of the next question."""
        with self.lock:
            self.begun += 1
            return self.begun - 1


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of the questions.

    How many went the whole way, were closed by what another one led to, found their colleague asked often enough, or
    got stuck. For each step, how many of the first lack it, and how many have it more than once.
    """

    kills: int
    asked: int
    closed: int
    spared: int
    stuck: int
    lost: tuple[int, ...]
    doubled: tuple[int, ...]


def code_word(number: int, before: str) -> str:
    """Return a word of letters for a number, as no text has one."""
    return before + "".join(_SYLLABLES[int(digit)] for digit in f"{number:04}")


@dataclass(frozen=True, slots=True)
class Press:
    """A choice, and words of the message that it is below."""

    below: tuple[str, ...]
    label: str
    emoji: str


class Closed(Exception):
    """What was published meanwhile answers the question, so that it takes no answer."""


class Talk:
    """One person's part of a dialogue: answers what the bot asks, until it says what ends it."""

    def __init__(self, clerk: Clerk) -> None:
        self._clerk = clerk
        self._read = len(clerk.heard())

    def until(self, end: str, answers: dict[str, str], *, about: str = "", press: Press | None = None) -> Heard:
        """Answer what the bot asks (by words in it) until it says ``end``, in a message that names ``about``.

        Where a message came twice, the buttons of the first are no longer open: then ``press`` is done once more below
        the newest one, as people would. Raises ``AssertionError`` where it stays silent, and ``Closed``.
        """
        stale = _("This choice is no longer open. Please ask again.")
        closed = _("What answers this question is in the library now, so it takes no more answers.")
        while True:
            message = self._next((end, stale, closed, *answers))
            if closed in message.text:
                raise Closed
            if end in message.text and about in message.text:
                return message
            if stale in message.text and press is not None:
                self._newest(press).press(press.label, press.emoji)
            for words, answer in answers.items():
                if words in message.text:
                    self._clerk.write(answer)
                    break

    def _newest(self, press: Press) -> Heard:
        return [one for one in self._clerk.heard() if all(words in one.text for words in press.below)][-1]

    def _next(self, words: Sequence[str]) -> Heard:
        found: list[Heard] = []

        def is_there() -> bool:
            new = list(self._clerk.heard())[self._read :]
            for place, message in enumerate(new):
                if any(word in message.text for word in words):
                    self._read += place + 1
                    found.append(message)
                    return True
            return False

        try:
            wait_until(is_there, seconds=PATIENCE, pause=0.1)
        except AssertionError as error:
            last = [message.text for message in self._clerk.heard()][-2:]
            raise AssertionError(f"waited for {list(words)}, heard last: {last}") from error
        return found[0]


def measure(library: Library, network: Network, clerks: Sequence[Clerk], lives: Sequence[float]) -> Outcome:
    """Let clerks ask and answer, and a moderator publish, and kill meanwhile.

    Args:
        library: is empty; its settings connect the bot to the network.
        network: where the people are.
        clerks: askers and colleagues in turn.
        lives: how long the process lives before each kill, in seconds.
    """
    moderator = make_people(library, network, [clerk.address for clerk in clerks], _furnish)
    _introduce(library, clerks)
    way = Way()
    works = [partial(_go, clerks, way, first) for first in range(AT_ONCE)]

    def settle() -> None:
        until_quiet(lambda: sum(len(clerk.heard()) for clerk in clerks), quiet=QUIET)

    kill_meanwhile(library, works, settle, moderator=moderator, lives=lives)
    way.spared = len([way.stuck.pop(number) for number in list(way.stuck) if _is_spared(library, number)])
    for number, problem in way.stuck.items():
        states = [row[1:] for row in _kept(library) if code_word(number, "zu") in row[0]]
        print(f"stuck: {problem}; its state and answers: {states}; brought: {_brought(library, number)}")
    return _judge(library, clerks, way, len(lives))


def _introduce(library: Library, clerks: Sequence[Clerk]) -> None:
    """Let everybody begin their chat, so that the bot can write to them there."""
    with served_once(library):
        for clerk in clerks:
            clerk.write(f"{clerk.mark}hilfe")
        for clerk in clerks:
            wait_until(partial(_has_heard, clerk), pause=0.1)
        time.sleep(QUIET)


def _has_heard(clerk: Clerk) -> bool:
    return bool(clerk.heard())


def _go(clerks: Sequence[Clerk], way: Way, first: int, stop: threading.Event) -> None:
    """Go the whole way again and again, each time with the next pair of this thread's own."""
    choose_language(LANGUAGE)
    pairs = list(range(first, len(clerks) // 2, AT_ONCE)) * TIMES
    for pair in pairs:
        if stop.is_set():
            return
        number = way.begin()
        try:
            _one_way(clerks[2 * pair], clerks[2 * pair + 1], pair, number)
        except AssertionError as problem:
            way.stuck[number] = f"question {number} of pair {pair}: {problem}"
        except Closed:
            way.closed += 1
        else:
            way.answered.append(number)


def _one_way(asker: Clerk, colleague: Clerk, pair: int, number: int) -> None:
    asking, answering = Talk(asker), Talk(colleague)
    code, topic = code_word(number, "zu"), code_word(pair, "xa")
    asker.write(f"{asker.mark}weitergeben Was wisst ihr über {topic} und {code}?")
    decisions = {
        _("Others ask something like that already. Do you mean the same?"): _("Something else, go on"),
        _("Others in the network will read this. What you leave in is up to you."): _("Leave it"),
        _("In whose name do you ask?"): _("Organisation only"),
        _("Shall I send it?"): _("Send it"),
        # Where a question came twice, the second answer to it does not fit the next one.
        _("I do not know what to do with this here. Please choose below."): _("Send it"),
        _("Please choose as whom."): _("Organisation only"),
    }
    asking.until(_("Your question is on its way."), decisions)
    brought = answering.until(_("A colleague needs your advice."), {}, about=code)
    brought.press(_("Answer"), "💬")
    said = {
        _("What do you answer?"): f"Wir haben {code} eingeführt, und es läuft gut.",
        _("Others in the network will read this. What you leave in is up to you."): _("Leave it"),
        _("As whom shall it be sent?"): _("Organisation only"),
        _("Please choose as whom."): _("Organisation only"),
    }
    again = Press((code, _("A colleague needs your advice.")), _("Answer"), "💬")
    thanks = answering.until(_("Thank you! Your answer is on its way."), said, press=again)
    thanks.press(_("Yes, gladly"), "📚")
    gladly = Press((_("May this become an entry of the library?"),), _("Yes, gladly"), "📚")
    answering.until(_("Thank you, it is sent."), {}, press=gladly)


def _judge(library: Library, clerks: Sequence[Clerk], way: Way, kills: int) -> Outcome:
    choose_language(LANGUAGE)
    by_clerk = [[message.text for message in clerk.heard()] for clerk in clerks]
    heard, kept = [text for texts in by_clerk for text in texts], _kept(library)
    counts = [_steps(code_word(number, "zu"), by_clerk, kept) for number in way.answered]
    for number, count in zip(way.answered, counts, strict=True):
        if max(count) > 1:
            print(f"twice: {[text for text in heard if code_word(number, 'zu') in text]}")
    lost = tuple(sum(not count[step] for count in counts) for step in range(len(STEPS)))
    doubled = tuple(sum(count[step] > 1 for count in counts) for step in range(len(STEPS)))
    return Outcome(kills, len(counts), way.closed, way.spared, len(way.stuck), lost, doubled)


def _steps(code: str, heard: Sequence[Sequence[str]], kept: Sequence[tuple[str, str, int]]) -> tuple[int, ...]:
    """Return how often each step happened; to how many colleagues a question is brought is up to its topics."""
    rows = [row for row in kept if code in row[0]]
    about = [text for texts in heard for text in texts if code in text]
    wanted = _("A colleague needs your advice.")
    told = re.escape(_("Your question “{question}” has an answer.")).replace(r"\{question\}", ".*")
    return (
        len(rows),
        max(sum(code in text and wanted in text for text in texts) for texts in heard),
        sum(row[2] for row in rows),
        sum(re.search(told, text, re.DOTALL) is not None for text in about),
        sum(row[1] == "published" for row in rows),
        sum(_("Your question is answered in the library now.") in text and _asks(text, code) for text in about),
    )


def _asks(text: str, code: str) -> bool:
    """Whether a message repeats this question; what it quotes as the answer may name another's code."""
    begins = _("You asked: “{question}”").partition("{")[0]
    return any(begins in line and code in line for line in text.splitlines())


def _kept(library: Library) -> list[tuple[str, str, int]]:
    """Return words, state and number of answers of all open questions."""
    query = (
        "SELECT q.text, q.state, (SELECT count(*) FROM open_answers a WHERE a.open_question_id = q.id) "
        "FROM open_questions q"
    )
    return [(str(row[0]), str(row[1]), int(row[2])) for row in _rows(library, query)]


def _rows(library: Library, query: str, *values: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(library.folder / "allmende.db")) as database:
        return database.execute(query, values).fetchall()


def _is_spared(library: Library, number: int) -> bool:
    """Whether a question was brought to nobody because those who help on its topics were asked often enough."""
    topics = (
        "SELECT (SELECT count(*) FROM open_question_routes r JOIN member_topics m ON m.member_id = r.member_id "
        "WHERE m.topic_id = o.topic_id) FROM open_question_topics o JOIN open_questions q ON q.id = o.open_question_id "
        "WHERE instr(q.text, ?) AND NOT EXISTS (SELECT 1 FROM open_question_routes b WHERE b.open_question_id = q.id)"
    )
    asked = [int(row[0]) for row in _rows(library, topics, code_word(number, "zu"))]
    return bool(asked) and min(asked) >= MOST_ASKED


def _brought(library: Library, number: int) -> list[str]:
    """Say whom a question was brought to, and which notices about it were told or wait, by which jobs."""
    routes = (
        "SELECT 'brought to ' || coalesce(m.name, 'a circle') FROM open_questions q "
        "JOIN open_question_routes r ON r.open_question_id = q.id LEFT JOIN members m ON m.id = r.member_id "
        "WHERE instr(q.text, ?)"
    )
    notices = (
        "SELECT n.kind || CASE WHEN n.told_at IS NULL THEN ' waits' ELSE ' told' END || coalesce((SELECT ', job ' || "
        "j.state || ' ' || j.attempts || ' ' || coalesce(j.error, '') FROM jobs j WHERE replace(j.key, '-', '') = "
        "replace(n.id, '-', '')), '') FROM notices n JOIN open_questions q "
        "ON replace(json_extract(n.data, '$.question'), '-', '') = replace(q.id, '-', '') WHERE instr(q.text, ?)"
    )
    return [str(row[0]) for query in (routes, notices) for row in _rows(library, query, code_word(number, "zu"))]


async def _furnish(unit: UnitOfWork, member: MemberEntry, number: int) -> None:
    """Let every second person offer help with a topic of the pair's own."""
    if number % 2:
        topic = await TopicService(unit).add(TopicForm(name_de=code_word(number // 2, "xa")), by=None)
        (await unit.session.get_one(Member, member.id)).findable = Findable.ON
        unit.session.add(MemberTopic(member_id=member.id, topic_id=topic.id, stance=Stance.HELPS))


def on_stand_in(side: TelegramSide) -> list[Clerk]:
    """Return the people of Telegram's stand-in."""

    def heard(person: TelegramPerson) -> list[Heard]:
        def press(message: Message, label: str, _emoji: str) -> None:
            texts = [one["text"] for row in message.buttons for one in row]
            assert any(label in text for text in texts), f"no {label!r} among {texts}: {message.text}"
            person.presses(message, next(text for text in texts if label in text))

        return [Heard(one.text, partial(press, one)) for one in person.direct.shown() if one.by_bot]

    for person in side.people:
        person.language = LANGUAGE
    return [Clerk(str(one.id), partial(one.writes, None), partial(heard, one), "/") for one in side.people]


def on_homeserver(side: MatrixSide) -> list[Clerk]:
    """Return the people of a homeserver, each with a direct chat with the bot."""
    return [
        Clerk(person.user, partial(person.say, room), partial(_heard_in, person, room, side.bot), "!")
        for person, room in zip(side.people, direct_rooms(side), strict=True)
    ]


def _heard_in(person: MatrixPerson, room: str, bot: str) -> list[Heard]:
    def press(event: str, _label: str, emoji: str) -> None:
        relation = {"rel_type": "m.annotation", "event_id": event, "key": emoji}
        person.sent += 1
        person.call("PUT", f"rooms/{room}/send/m.reaction/{person.user}-{person.sent}", {"m.relates_to": relation})

    mine = [event for event in person.messages(room) if event["sender"] == bot and "body" in event["content"]]
    said = [event for event in mine if "m.new_content" not in event["content"]]
    return [Heard(str(event["content"]["body"]), partial(press, str(event["event_id"]))) for event in said]


def main() -> None:
    """Kill on both networks and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=KILLS, help="on each network")
    parser.add_argument("--pairs", type=int, default=PAIRS)
    parser.add_argument("--network", choices=("both", "telegram", "matrix"), default="both")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--longest", type=float, default=LONGEST_LIFE, help="that the program lives before a kill, seconds"
    )
    given, outcomes = parser.parse_args(), {}
    lives = random_lives(given.kills, given.seed, given.longest)
    if given.network in ("both", "telegram"):
        with on_telegram(2 * given.pairs, 0) as side, _library(**side.settings()) as own:
            clerks = on_stand_in(side)
            outcomes["Telegram"] = measure(own, Network.TELEGRAM, clerks, lives)
    if given.network in ("both", "matrix"):
        with on_matrix(2 * given.pairs, 0) as other, _library(**other.settings()) as own:
            clerks = on_homeserver(other)
            outcomes["Matrix"] = measure(own, Network.MATRIX, clerks, lives)
    rows = [
        [
            *(name, f"{one.kills}", f"{one.asked}", f"{one.closed}", f"{one.spared}", f"{one.stuck}"),
            *(f"{a} / {b}" for a, b in zip(one.lost, one.doubled, strict=True)),
        ]
        for name, one in outcomes.items()
    ]
    title = "Killed between a question's release and its answer in the library (lost / twice)"
    print_table(title, rows, head=["network", "kills", "questions", "closed", "asked enough", "stuck", *STEPS])


def _library(**settings: str) -> AbstractContextManager[Library]:
    """Give an empty library; what is for the network may be shown on Telegram, too, or half of the way is the hub's."""
    shown = {"ALLMENDE_TELEGRAM_VISIBILITY": "network"}
    return scratch_library(**WORDS_ALONE, **settings, **shown, **{PORT: str(free_port())})


if __name__ == "__main__":
    main()
