"""The vector index, embedded and on a real Chroma server: the same stories for both, and what only one can suffer."""

import random
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from knowledge.library.indexes.schemas import IndexedPassage
from knowledge.library.indexes.vectors import (
    VectorsIndex,
    VectorsIndexDamaged,
    VectorsModelChanged,
    VectorsUnavailable,
)
from tests.knowledge.library.indexes.chroma_server import ChromaServer
from tests.ports import free_port

SIZE = 16
HOUSE = "house:" + "a" * 32
MODEL = "small-model-1"

Make = Callable[[str], VectorsIndex]


def vector(number: int) -> NDArray[np.float32]:
    """A random direction, the same for the same number."""
    values = np.random.default_rng(number).normal(size=SIZE)
    direction: NDArray[np.float32] = (values / np.linalg.norm(values)).astype(np.float32)
    return direction


def vectors(numbers: range) -> NDArray[np.float32]:
    return np.stack([vector(number) for number in numbers])


def passage(number: int, *, access: str = "public", document: str = "") -> IndexedPassage:
    return IndexedPassage(number, document or f"{number // 10:032x}", access, "Text", "Titel", ())


def passages(numbers: range, *, access: str = "public") -> list[IndexedPassage]:
    return [passage(number, access=access) for number in numbers]


def found(index: VectorsIndex, number: int, *, limit: int = 5, access: frozenset[str] | None = None) -> list[int]:
    return [hit.id for hit in index.search(vector(number), limit=limit, access=access)]


@pytest.fixture(scope="module")
def shared_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ChromaServer]:
    server = ChromaServer(tmp_path_factory.mktemp("chroma"))
    server.start()
    yield server
    server.kill()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[ChromaServer]:
    """A server that a test may kill."""
    server = ChromaServer(tmp_path / "chroma")
    server.start()
    yield server
    server.kill()


@pytest.fixture(params=["embedded", "server"])
def make(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Make]:
    """Open the same index again, for a model."""
    made: list[VectorsIndex] = []

    def embedded(fingerprint: str) -> VectorsIndex:
        return VectorsIndex.embedded(tmp_path / "vectors", fingerprint)

    def on_server(fingerprint: str) -> VectorsIndex:
        return VectorsIndex.on_server(request.getfixturevalue("shared_server").url, fingerprint)

    def remembered(fingerprint: str) -> VectorsIndex:
        made.append((embedded if request.param == "embedded" else on_server)(fingerprint))
        return made[-1]

    if request.param == "server":
        with closing(on_server(MODEL)) as left_over:
            left_over.reset()
    yield remembered
    for index in made:
        index.close()


@pytest.fixture
def index(make: Make) -> VectorsIndex:
    index = make(MODEL)
    index.open()
    return index


class TestFinding:
    def test_an_empty_index_finds_nothing(self, index: VectorsIndex) -> None:
        assert index.search(vector(1), limit=10) == []
        assert index.count() == 0

    def test_the_nearest_comes_first_with_its_cosine(self, index: VectorsIndex) -> None:
        index.add(passages(range(50)), vectors(range(50)))
        hits = index.search(vector(7), limit=50)
        cosines = {number: float(vector(number) @ vector(7)) for number in range(50)}
        assert [hit.id for hit in hits] == sorted(cosines, key=lambda number: -cosines[number])
        assert [hit.score for hit in hits] == pytest.approx([cosines[hit.id] for hit in hits], abs=1e-5)

    def test_the_limit_holds(self, index: VectorsIndex) -> None:
        index.add(passages(range(50)), vectors(range(50)))
        assert len(index.search(vector(1), limit=7)) == 7
        assert index.search(vector(1), limit=0) == []

    def test_keys_of_63_bits_come_back_whole(self, index: VectorsIndex) -> None:
        index.add([passage(2**63 - 1)], vectors(range(1)))
        assert found(index, 0) == [2**63 - 1]

    def test_many_passages_at_once(self, index: VectorsIndex) -> None:
        index.add(passages(range(1201)), vectors(range(1201)))
        assert index.count() == 1201
        assert all(found(index, number, limit=1) == [number] for number in range(0, 1201, 100))

    def test_a_vector_without_direction_does_no_harm(self, index: VectorsIndex) -> None:
        index.add(passages(range(3)), np.stack([vector(0), np.zeros(SIZE, dtype=np.float32), vector(2)]))
        assert found(index, 0)[0] == 0
        assert len(index.search(np.zeros(SIZE, dtype=np.float32), limit=3)) == 3

    def test_many_threads_search_while_one_adds(self, index: VectorsIndex) -> None:
        index.add(passages(range(100)), vectors(range(100)))
        with ThreadPoolExecutor(4) as pool:
            adding = pool.submit(index.add, passages(range(100, 600)), vectors(range(100, 600)))
            best = list(pool.map(lambda number: found(index, number, limit=1), range(100)))
            adding.result()
        assert best == [[number] for number in range(100)]


class TestAccess:
    """Everything near the question belongs to a house; what the public may find lies far away."""

    @pytest.fixture
    def guarded(self, index: VectorsIndex) -> VectorsIndex:
        order = sorted(range(300), key=lambda number: -float(vector(number) @ vector(0)))
        far = set(order[-10:])
        notes = [passage(number, access="public" if number in far else HOUSE) for number in range(300)]
        index.add(notes, vectors(range(300)))
        return index

    def test_nothing_else_is_found(self, guarded: VectorsIndex) -> None:
        assert len(found(guarded, 0, limit=5, access=frozenset({"public"}))) == 5
        assert len(found(guarded, 0, limit=100, access=frozenset({"public", "network"}))) == 10

    def test_what_is_far_away_is_found_in_order(self, guarded: VectorsIndex) -> None:
        hits = guarded.search(vector(0), limit=10, access=frozenset({"public"}))
        assert len(hits) == 10
        assert hits == sorted(hits, key=lambda hit: -hit.score)

    def test_several_kinds_are_found_together(self, guarded: VectorsIndex) -> None:
        assert found(guarded, 0, limit=300, access=frozenset({"public", HOUSE})) == found(guarded, 0, limit=300)

    def test_without_any_access_nothing_is_found(self, guarded: VectorsIndex) -> None:
        assert guarded.search(vector(0), limit=5, access=frozenset()) == []
        assert guarded.search(vector(0), limit=5, access=frozenset({"circle:" + "b" * 32})) == []


class TestKeepingInStep:
    def test_adding_twice_changes_nothing(self, index: VectorsIndex) -> None:
        for _ in range(2):
            index.add(passages(range(20)), vectors(range(20)))
        assert index.count() == 20
        assert found(index, 3, limit=20).count(3) == 1

    def test_a_changed_passage_is_found_by_its_new_vector_only(self, index: VectorsIndex) -> None:
        index.add(passages(range(20)), vectors(range(20)))
        index.add([passage(3, access="network")], vectors(range(99, 100)))
        assert index.search(vector(99), limit=1)[0].score == pytest.approx(1, abs=1e-5)
        assert index.search(vector(3), limit=1)[0].score < 0.99
        assert found(index, 99, limit=1, access=frozenset({"public"})) != [3]

    def test_deleted_documents_are_gone_with_all_their_passages(self, index: VectorsIndex) -> None:
        index.add(passages(range(50)), vectors(range(50)))
        index.delete_documents([f"{1:032x}", f"{3:032x}", f"{77:032x}"])
        assert index.count() == 30
        assert not {*range(10, 20), *range(30, 40)} & set(found(index, 12, limit=50))

    def test_many_documents_are_deleted_at_once(self, index: VectorsIndex) -> None:
        index.add([passage(number, document=f"{number:032x}") for number in range(250)], vectors(range(250)))
        index.delete_documents(f"{number:032x}" for number in range(249))
        assert found(index, 0) == [249]

    def test_missing_passages_are_named(self, index: VectorsIndex) -> None:
        index.add(passages(range(20)), vectors(range(20)))
        assert index.missing(range(15, 2025)) == set(range(20, 2025))
        assert index.missing([]) == set()

    def test_what_was_added_is_there_after_opening_again(self, index: VectorsIndex, make: Make) -> None:
        index.add(passages(range(30)), vectors(range(30)))
        index.close()
        again = make(MODEL)
        again.open()
        assert again.count() == 30
        assert found(again, 12, limit=1) == [12]

    def test_a_reset_index_is_empty_and_takes_new_passages(self, index: VectorsIndex) -> None:
        index.add(passages(range(30)), vectors(range(30)))
        index.reset()
        assert index.count() == 0
        index.add(passages(range(5)), vectors(range(5)))
        assert found(index, 4, limit=1) == [4]

    def test_as_many_vectors_as_passages_are_asked_for(self, index: VectorsIndex) -> None:
        with pytest.raises(ValueError, match="3 passages, 2 vectors"):
            index.add(passages(range(3)), vectors(range(2)))


class TestOtherModel:
    @pytest.fixture
    def other(self, index: VectorsIndex, make: Make) -> VectorsIndex:
        index.add(passages(range(10)), vectors(range(10)))
        index.close()
        return make("other-model-2")

    def test_it_is_noticed_with_what_to_do(self, other: VectorsIndex) -> None:
        with pytest.raises(VectorsModelChanged, match="allmende reindex"):
            other.open()

    def test_nothing_is_searched_or_mixed(self, other: VectorsIndex) -> None:
        with pytest.raises(VectorsModelChanged):
            other.search(vector(1), limit=1)
        with pytest.raises(VectorsModelChanged):
            other.add(passages(range(10, 12)), vectors(range(10, 12)))

    def test_after_a_reset_the_new_model_is_at_home(self, other: VectorsIndex) -> None:
        other.reset()
        other.open()
        # Vectors of another length, too.
        other.add([passage(1)], np.ones((1, 2 * SIZE), dtype=np.float32))
        assert other.count() == 1

    def test_an_empty_index_takes_any_model(self, index: VectorsIndex, make: Make) -> None:
        index.close()
        other = make("other-model-2")
        other.open()
        assert other.count() == 0


def spoil(path: Path, *, keep: float) -> None:
    """Cut a file off; nothing kept means that it is gone."""
    if keep:
        content = path.read_bytes()
        path.write_bytes(content[: int(len(content) * keep)])
    elif path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink()


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An index with more than 1,000 passages, so that Chroma has written its graph to disk."""
    folder = tmp_path_factory.mktemp("sound") / "vectors"
    with closing(VectorsIndex.embedded(folder, MODEL)) as index:
        index.add(passages(range(1500)), vectors(range(1500)))
    assert list(folder.glob("*/header.bin"))
    return folder


class TestDamage:
    @pytest.fixture
    def folder(self, sound: Path, tmp_path: Path) -> Path:
        return Path(shutil.copytree(sound, tmp_path / "vectors"))

    def test_a_sound_copy_opens(self, folder: Path) -> None:
        with closing(VectorsIndex.embedded(folder, MODEL)) as index:
            index.open()
            assert index.count() == 1500

    @pytest.mark.parametrize("keep", [0, 0.5])
    @pytest.mark.parametrize(
        "name",
        ["chroma.sqlite3", "*/header.bin", "*/data_level0.bin", "*/length.bin", "*/link_lists.bin", "*/*.pickle"],
    )
    def test_it_is_noticed_and_a_reset_mends_it(self, folder: Path, name: str, keep: float) -> None:
        (path,) = folder.glob(name)
        spoil(path, keep=keep)
        with closing(VectorsIndex.embedded(folder, MODEL)) as index:
            with pytest.raises(VectorsIndexDamaged):
                index.open()
            index.reset()
            index.add(passages(range(5)), vectors(range(5)))
            assert found(index, 4, limit=1) == [4]

    def test_a_graph_that_is_gone_as_a_whole_is_noticed(self, folder: Path) -> None:
        (header,) = folder.glob("*/header.bin")
        spoil(header.parent, keep=0)
        with closing(VectorsIndex.embedded(folder, MODEL)) as index, pytest.raises(VectorsIndexDamaged):
            index.open()

    def test_noise_inside_the_database_is_noticed(self, folder: Path) -> None:
        database = folder / "chroma.sqlite3"
        content = bytearray(database.read_bytes())
        middle = len(content) // 2
        content[middle : middle + 20_000] = random.Random(1).randbytes(20_000)
        database.write_bytes(content)
        with closing(VectorsIndex.embedded(folder, MODEL)) as index, pytest.raises(VectorsIndexDamaged):
            index.open()


KILLED_WRITER = """
import sys
from pathlib import Path
from knowledge.library.indexes.vectors import VectorsIndex
from tests.knowledge.library.indexes.test_vectors import MODEL, passages, vectors
index = VectorsIndex.embedded(Path(sys.argv[1]), MODEL)
for start in range(0, 100_000, 50):
    index.add(passages(range(start, start + 50)), vectors(range(start, start + 50)))
    print(start + 50, flush=True)
"""


OPEN_FILES = Path("/proc/self/fd")


def open_below(folder: Path) -> list[str]:
    names = [str(file.readlink()) for file in OPEN_FILES.iterdir() if file.is_symlink()]
    return [name for name in names if name.startswith(str(folder))]


def left_open_below(folder: Path) -> list[str]:
    """What is still open after Chroma's own threads had time to let go: they close SQLite's file a moment later."""
    patience = time.monotonic() + 30
    while (names := open_below(folder)) and time.monotonic() < patience:
        time.sleep(0.05)
    return names


class TestEmbedded:
    def test_closing_releases_every_file(self, tmp_path: Path) -> None:
        if not OPEN_FILES.is_dir():
            pytest.skip("only where /proc shows open files")
        index = VectorsIndex.embedded(tmp_path / "vectors", MODEL)
        index.add(passages(range(10)), vectors(range(10)))
        assert index.search(vector(1), limit=1)
        assert open_below(tmp_path)
        index.close()
        assert left_open_below(tmp_path) == []

    def test_a_closed_index_stays_closed(self, tmp_path: Path) -> None:
        index = VectorsIndex.embedded(tmp_path / "vectors", MODEL)
        index.open()
        index.close()
        with pytest.raises(VectorsUnavailable):
            index.count()
        index.close()

    def test_a_killed_writer_loses_nothing_it_had_taken_in(self, tmp_path: Path) -> None:
        command = [sys.executable, "-c", KILLED_WRITER, str(tmp_path / "vectors")]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as writer:
            assert writer.stdout is not None
            taken = 0
            while taken < 1200:
                taken = int(writer.stdout.readline())
            writer.kill()
            taken = int([str(taken), *writer.stdout.read().split()][-1])
        with closing(VectorsIndex.embedded(tmp_path / "vectors", MODEL)) as index:
            index.open()
            assert index.missing(range(taken)) == set()
            assert all(found(index, number, limit=1) == [number] for number in range(0, taken, 13))

    def test_a_folder_that_cannot_be_made_is_no_damage(self, tmp_path: Path) -> None:
        (tmp_path / "file").write_text("no folder", encoding="utf-8")
        index = VectorsIndex.embedded(tmp_path / "file" / "vectors", MODEL)
        with closing(index), pytest.raises(VectorsUnavailable):
            index.open()

    def test_settings_of_strangers_are_not_read(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        (tmp_path / ".env").write_text("CHROMA_SERVER_HTTP_PORT=nonsense\nMIGRATIONS=none\n", encoding="utf-8")
        monkeypatch.chdir(tmp_path)
        with closing(VectorsIndex.embedded(tmp_path / "vectors", MODEL)) as index:
            index.open()
            assert index.count() == 0

    def test_importing_and_describing_does_not_load_chroma(self) -> None:
        script = (
            "import sys; from pathlib import Path; from knowledge.library.indexes.vectors import VectorsIndex;"
            "VectorsIndex.embedded(Path('nowhere'), 'x'); print('chromadb' in sys.modules, 'numpy' in sys.modules)"
        )
        run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
        assert run.stdout.split() == ["False", "False"]


class TestServerAway:
    def test_an_absent_server_is_noticed_at_once(self) -> None:
        began = time.monotonic()
        index = VectorsIndex.on_server(f"http://127.0.0.1:{free_port()}", MODEL)
        with closing(index), pytest.raises(VectorsUnavailable):
            index.open()
        assert time.monotonic() - began < 4

    def test_a_server_that_says_nothing_is_not_waited_for(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as silent:
            began = time.monotonic()
            url = f"http://127.0.0.1:{silent.getsockname()[1]}"
            with closing(VectorsIndex.on_server(url, MODEL)) as index, pytest.raises(VectorsUnavailable):
                index.search(vector(1), limit=1)
            assert time.monotonic() - began < 5

    def test_it_goes_on_when_the_server_is_back(self, server: ChromaServer) -> None:
        with closing(VectorsIndex.on_server(server.url, MODEL)) as index:
            index.add(passages(range(30)), vectors(range(30)))
            server.kill()
            for _ in range(2):
                with pytest.raises(VectorsUnavailable):
                    index.search(vector(12), limit=1)
                with pytest.raises(VectorsUnavailable):
                    index.add(passages(range(30, 31)), vectors(range(30, 31)))
            server.start()
            index.add(passages(range(30, 31)), vectors(range(30, 31)))
            assert found(index, 12, limit=1) == [12]
            assert found(index, 30, limit=1) == [30]

    def test_a_server_that_comes_later_is_found(self, server: ChromaServer) -> None:
        server.kill()
        with closing(VectorsIndex.on_server(server.url, MODEL)) as index:
            with pytest.raises(VectorsUnavailable):
                index.open()
            server.start()
            assert index.count() == 0

    def test_a_server_that_lost_everything_is_filled_again(self, server: ChromaServer) -> None:
        with closing(VectorsIndex.on_server(server.url, MODEL)) as index:
            index.add(passages(range(30)), vectors(range(30)))
            server.kill()
            shutil.rmtree(server.folder)
            server.start()
            assert index.count() == 0
            index.add(passages(range(3)), vectors(range(3)))
            assert found(index, 2, limit=1) == [2]

    def test_a_reset_by_another_host_is_no_error(self, server: ChromaServer) -> None:
        ours, theirs = (VectorsIndex.on_server(server.url, MODEL) for _ in range(2))
        with closing(ours), closing(theirs):
            ours.add(passages(range(30)), vectors(range(30)))
            theirs.reset()
            assert ours.search(vector(1), limit=5) == []

    def test_a_proxy_gets_the_token_and_may_refuse(self) -> None:
        seen: list[str | None] = []

        class Proxy(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                seen.extend((self.headers["X-Chroma-Token"], self.headers["Authorization"]))
                self.send_error(401)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is given
                pass

        with HTTPServer(("127.0.0.1", 0), Proxy) as proxy:
            thread = threading.Thread(target=proxy.serve_forever)
            thread.start()
            url = f"http://127.0.0.1:{proxy.server_port}"
            index = VectorsIndex.on_server(url, MODEL, token="secret")
            with closing(index), pytest.raises(VectorsUnavailable) as refused:
                index.open()
            proxy.shutdown()
            thread.join()
        assert seen == ["secret", "Bearer secret"]
        assert "secret" not in f"{refused.value.message} {refused.value.detail}"
