"""Asking the owner of the indexes over its socket."""

import asyncio
from pathlib import Path

import pytest

from knowledge.kit.errors import Unavailable
from knowledge.library.indexes.owner_socket import OtherVersion, OwnerClient, OwnerGone, OwnerSocket
from knowledge.library.indexes.port import IndexHits, IndexQuery
from knowledge.library.indexes.queries import Expansion
from knowledge.library.indexes.schemas import Hit

HITS = IndexHits([Hit(1, 2.5)], [Hit(2, 0.5)], {"baum": 3}, 9, "ok", "1/1", "model")
QUERY = IndexQuery("Wo stehen Bäume?", 10, frozenset({"public"}), (Expansion(("Gehölz",), 0.8, "baum"),))


class Owner:
    """Remembers what it was asked; may fail or take its time."""

    def __init__(self, *, error: Exception | None = None, waits: bool = False) -> None:
        self.asked: list[IndexQuery] = []
        self.was_asked = asyncio.Event()
        self.error = error
        self.waits = waits

    async def find(self, query: IndexQuery) -> IndexHits:
        self.asked.append(query)
        self.was_asked.set()
        if self.waits:
            await asyncio.sleep(60)
        if self.error is not None:
            raise self.error
        return HITS


class TestTalking:
    async def test_questions_and_answers_arrive_unchanged(self, tmp_path: Path) -> None:
        owner = Owner()
        socket = OwnerSocket(tmp_path, owner.find)
        await socket.open()
        client = await OwnerClient.connect(tmp_path)
        assert await client.find(QUERY) == HITS
        assert await asyncio.gather(*(client.find(QUERY) for _ in range(5))) == [HITS] * 5
        assert owner.asked == [QUERY] * 6
        await client.close()
        await socket.close()

    @pytest.mark.parametrize("error", [Unavailable("Damaged."), ZeroDivisionError("secret")])
    async def test_a_failing_search_ends_neither_the_talk_nor_the_owner(self, error: Exception, tmp_path: Path) -> None:
        owner = Owner(error=error)
        socket = OwnerSocket(tmp_path, owner.find)
        await socket.open()
        client = await OwnerClient.connect(tmp_path)
        for _attempt in range(2):
            with pytest.raises(Unavailable) as told:
                await client.find(QUERY)
            assert "secret" not in told.value.message
        owner.error = None
        assert await client.find(QUERY) == HITS
        await client.close()
        await socket.close()


class TestEnding:
    async def test_nobody_there(self, tmp_path: Path) -> None:
        with pytest.raises(OwnerGone):
            await OwnerClient.connect(tmp_path)

    async def test_a_socket_that_was_left_behind(self, tmp_path: Path) -> None:
        left = OwnerSocket(tmp_path, Owner().find)
        await left.open()
        (tmp_path / "kept").hardlink_to(tmp_path / "owner.sock")
        await left.close()
        (tmp_path / "kept").rename(tmp_path / "owner.sock")
        with pytest.raises(OwnerGone):
            await OwnerClient.connect(tmp_path)
        following = OwnerSocket(tmp_path, Owner().find)
        await following.open()
        client = await OwnerClient.connect(tmp_path)
        assert await client.find(QUERY) == HITS
        await client.close()
        await following.close()

    async def test_who_waits_for_an_answer_hears_of_the_end(self, tmp_path: Path) -> None:
        owner = Owner(waits=True)
        socket = OwnerSocket(tmp_path, owner.find)
        await socket.open()
        client = await OwnerClient.connect(tmp_path)
        asking = asyncio.create_task(client.find(QUERY))
        await owner.was_asked.wait()
        await socket.close()
        with pytest.raises(OwnerGone):
            await asking
        await client.close()


class TestOtherVersions:
    @pytest.mark.parametrize("line", [b"nonsense\n", b"[]\n", b'{"hits": {"new": 1}}\n', b'{"hits": []}\n'])
    async def test_an_owner_that_speaks_otherwise(self, line: bytes, tmp_path: Path) -> None:
        async def speak(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.readline()
            writer.write(line)
            await writer.drain()
            writer.close()

        server = await asyncio.start_unix_server(speak, tmp_path / "owner.sock")
        client = await OwnerClient.connect(tmp_path)
        with pytest.raises(OtherVersion):
            await client.find(QUERY)
        await client.close()
        server.close()


class TestQueries:
    def test_every_query_survives_the_way(self) -> None:
        for query in (QUERY, IndexQuery("a"), IndexQuery("b", 1, frozenset())):
            assert IndexQuery.from_json(query.as_json()) == query
