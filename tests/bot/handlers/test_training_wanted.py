"""What was looked for, packed into a choice so that a list can go on, and said back in words."""

from datetime import date
from uuid import UUID

import pytest

from bot.handlers.training_wanted import described, pack_wanted, unpack_wanted
from bot.handlers.training_wishes import Wanted
from knowledge.kit.ids import new_id
from knowledge.kit.language import choose_language
from knowledge.models.topic import TopicKind
from knowledge.topics.tree import TopicEntry, TopicTree

# What a choice's key has room for.
ROOM = 40 - len("trains:")
KEYS = (new_id(), new_id())


def topic(key: UUID, name: str) -> TopicEntry:
    return TopicEntry(key, name, TopicKind.FIELD, None, name, name, retired=False)


TREE = TopicTree([topic(KEYS[0], "E-Akte"), topic(KEYS[1], "Vergabe")], {})


class TestPacking:
    @pytest.mark.parametrize(
        "wanted",
        [
            Wanted(),
            Wanted(KEYS, None, "12070", None, online=True, since=date(2030, 12, 1), until=date(2030, 12, 31)),
            Wanted(KEYS[:1], "12", online=False),
            Wanted(since=date(2027, 3, 1)),
        ],
    )
    def test_it_comes_back_as_it_was(self, wanted: Wanted) -> None:
        packed = pack_wanted(wanted, 96)
        assert len(packed) <= ROOM
        assert unpack_wanted(packed, TREE) == (wanted, 96)

    @pytest.mark.parametrize("packed", ["", "s", "1.2.3", "x.....", "...........", "1..o.zz.zz.abc"])
    def test_anything_else_is_nothing_or_everything_but_never_trouble(self, packed: str) -> None:
        read = unpack_wanted(packed, TREE)
        assert read is None or read == (Wanted(online=True), 1)


class TestSaying:
    def test_all_of_it_as_it_was_understood(self) -> None:
        choose_language("en")
        wanted = Wanted(KEYS[:1], "12", online=True, since=date(2027, 3, 1), words=("Formular",))
        assert described(wanted, TREE) == "E-Akte, “Formular”, online, Brandenburg, from 1 March 2027 on"
