"""Asking the owner of the indexes over its socket."""

import asyncio
import json
from collections.abc import Collection, Sequence
from pathlib import Path

import numpy as np
import pytest

from knowledge.kit.errors import Unavailable
from knowledge.library.indexes.owner_socket import OtherVersion, OwnerClient, OwnerGone, OwnerSocket
from knowledge.library.indexes.port import (
    EMBEDDED_TOGETHER,
    LONGEST_EMBEDDED,
    Embedded,
    IndexHits,
    IndexQuery,
    VectorsFound,
)
from knowledge.library.indexes.queries import Expansion
from knowledge.library.indexes.schemas import Hit

HITS = IndexHits([Hit(1, 2.5)], [Hit(2, 0.5)], {"baum": 3}, 9, "ok", "1/1", "model")
QUERY = IndexQuery("Wo stehen Bäume?", 10, frozenset({"public"}), (Expansion(("Gehölz",), 0.8, "baum"),))


class Owner:
    """Remembers what it was asked; may fail or take its time."""

    def __init__(self, *, error: Exception | None = None, waits: bool = False, has_model: bool = True) -> None:
        self.has_model = has_model
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

    async def find_vectors(self, query: IndexQuery) -> VectorsFound:
        return VectorsFound((await self.find(query)).vectors, "ok", "model")

    async def embed(self, texts: Sequence[str]) -> Embedded | None:
        if self.error is not None:
            raise self.error
        rows = [[len(text) / 7, 0.1, -1.0] for text in texts]
        return Embedded("model/1", np.array(rows, dtype=np.float32).reshape(len(texts), 3)) if self.has_model else None

    async def words_waiting(self, keys: Collection[str] | None = None) -> int:
        return 7 if keys is None else len(keys)


class TestTalking:
    async def test_questions_and_answers_arrive_unchanged(self, tmp_path: Path) -> None:
        owner = Owner()
        socket = OwnerSocket(tmp_path, owner)
        await socket.open()
        client = await OwnerClient.connect(tmp_path)
        assert await client.find(QUERY) == HITS
        assert await asyncio.gather(*(client.find(QUERY) for _ in range(5))) == [HITS] * 5
        assert await client.find_vectors(QUERY) == VectorsFound(HITS.vectors, "ok", "model")
        assert owner.asked == [QUERY] * 7
        await client.close()
        await socket.close()

    @pytest.mark.parametrize("error", [Unavailable("Damaged."), ZeroDivisionError("secret")])
    async def test_a_failing_search_ends_neither_the_talk_nor_the_owner(self, error: Exception, tmp_path: Path) -> None:
        owner = Owner(error=error)
        socket = OwnerSocket(tmp_path, owner)
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


class TestEmbedding:
    @pytest.mark.parametrize(
        "texts", [[], ["Wo stehen Bäume?"], ["", "Ä" * LONGEST_EMBEDDED, "\ud800 \N{PINE DECORATION}"]]
    )
    async def test_vectors_arrive_unchanged(self, texts: list[str], tmp_path: Path) -> None:
        owner = Owner()
        socket = OwnerSocket(tmp_path, owner)
        await socket.open()
        client = await OwnerClient.connect(tmp_path)
        expected, arrived = await owner.embed(texts), await client.embed(texts)
        assert expected is not None
        assert arrived is not None
        assert arrived.model == "model/1"
        assert arrived.vectors.dtype == np.float32
        assert np.array_equal(arrived.vectors, expected.vectors)
        await client.close()
        await socket.close()

    async def test_without_a_model_there_are_none(self, tmp_path: Path) -> None:
        socket = OwnerSocket(tmp_path, Owner(has_model=False))
        await socket.open()
        client = await OwnerClient.connect(tmp_path)
        assert await client.embed(["Wo stehen Bäume?"]) is None
        await client.close()
        await socket.close()

    @pytest.mark.parametrize(
        "texts",
        [["a"] * (EMBEDDED_TOGETHER + 1), ["a" * (LONGEST_EMBEDDED + 1)], [1], "abc", None, {"a": 1}],
        ids=["too many", "too long", "no texts", "one text", "nothing", "something else"],
    )
    async def test_more_than_an_owner_does_at_once_is_refused(self, texts: object, tmp_path: Path) -> None:
        socket = OwnerSocket(tmp_path, Owner())
        await socket.open()
        reader, writer = await asyncio.open_unix_connection(tmp_path / "owner.sock", limit=1 << 22)
        writer.write(json.dumps({"embed": texts}).encode() + b"\n")
        await writer.drain()
        assert set(json.loads(await reader.readline())) == {"error"}
        client = await OwnerClient.connect(tmp_path)
        assert await client.embed(["still there"]) is not None
        writer.close()
        await client.close()
        await socket.close()

    async def test_an_owner_that_fails_is_unavailable(self, tmp_path: Path) -> None:
        socket = OwnerSocket(tmp_path, Owner(error=ZeroDivisionError("secret")))
        await socket.open()
        client = await OwnerClient.connect(tmp_path)
        with pytest.raises(Unavailable) as told:
            await client.embed(["Wo stehen Bäume?"])
        assert "secret" not in told.value.message
        await client.close()
        await socket.close()


class TestEnding:
    async def test_nobody_there(self, tmp_path: Path) -> None:
        with pytest.raises(OwnerGone):
            await OwnerClient.connect(tmp_path)

    async def test_a_socket_that_was_left_behind(self, tmp_path: Path) -> None:
        left = OwnerSocket(tmp_path, Owner())
        await left.open()
        (tmp_path / "kept").hardlink_to(tmp_path / "owner.sock")
        await left.close()
        (tmp_path / "kept").rename(tmp_path / "owner.sock")
        with pytest.raises(OwnerGone):
            await OwnerClient.connect(tmp_path)
        following = OwnerSocket(tmp_path, Owner())
        await following.open()
        client = await OwnerClient.connect(tmp_path)
        assert await client.find(QUERY) == HITS
        await client.close()
        await following.close()

    async def test_who_waits_for_an_answer_hears_of_the_end(self, tmp_path: Path) -> None:
        owner = Owner(waits=True)
        socket = OwnerSocket(tmp_path, owner)
        await socket.open()
        client = await OwnerClient.connect(tmp_path)
        asking = asyncio.create_task(client.find(QUERY))
        await owner.was_asked.wait()
        await socket.close()
        with pytest.raises(OwnerGone):
            await asking
        await client.close()


class TestOtherVersions:
    @pytest.mark.parametrize("line", [b"[]\n", b"{}\n", b'{"embedded": {"model": 1}}\n', b'{"hits": {}}\n'])
    async def test_an_owner_that_knows_no_vectors(self, line: bytes, tmp_path: Path) -> None:
        async def speak(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.readline()
            writer.write(line)
            await writer.drain()
            writer.close()

        server = await asyncio.start_unix_server(speak, tmp_path / "owner.sock")
        client = await OwnerClient.connect(tmp_path)
        with pytest.raises(OtherVersion):
            await client.embed(["a"])
        await client.close()
        server.close()

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
