"""An index that was deleted, damaged, or made with another model is noticed, and mended from the database."""

import shutil
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from knowledge.library.embedding.models import EmbeddingConfig, describe_model
from tests.hub.shell import Shell
from tests.journeys.processes import (
    Running,
    eventually,
    owner,
    passage_count,
    search,
    sources,
    stored,
    vector_ids,
    words_count,
    write_reports,
)

# What a model may want before a text.
PREFIX = "Text: "
Harm = Callable[[Path], None]


def delete(folder: Path) -> None:
    """Delete all files of an index."""
    shutil.rmtree(folder)


def cut_off(folder: Path) -> None:
    """Cut the largest file of an index in half."""
    largest = max((file for file in folder.rglob("*") if file.is_file()), key=lambda file: file.stat().st_size)
    with largest.open("r+b") as stream:
        stream.truncate(largest.stat().st_size // 2)


def scribble(folder: Path) -> None:
    """Write nonsense over the file that says what belongs to an index."""
    for name in ("meta.json", "chroma.sqlite3"):
        if (folder / name).exists():
            (folder / name).write_bytes(b"nonsense " * 1000)


class TestWords:
    def test_each_loss_is_noticed_and_mended(self, shell: Shell) -> None:
        shell.succeed("add", str(write_reports(shell.folder / "texte", 10)))
        folder = shell.data / "indexes" / "words"
        for harm in (delete, cut_off, scribble):
            harm(folder)
            asked = shell.run("ask", "Wie viele Bäume hat Lärchestadt gepflanzt?")
            assert (asked.returncode, "bericht" in asked.stdout.lower()) == (0, True), (harm, asked.stderr)
            assert words_count(shell) == passage_count(shell)
            assert "Traceback" not in asked.stderr

    def test_a_loss_beside_waiting_work_is_noticed_too(self, shell: Shell) -> None:
        shell.succeed("add", str(write_reports(shell.folder / "texte", 10)))
        (shell.folder / "neu.md").write_text("# Neu\n\nDer Wasserturm in Quellbach.\n", "utf-8")
        shell.succeed("add", "--no-wait", "neu.md")
        delete(shell.data / "indexes" / "words")
        tower, linden = search(shell, ["Wasserturm", "Gärtnerei Linde8"])
        assert sources(tower) == ["neu.md"]
        assert sources(linden)[0] == "bericht-008.md"


class TestVectors:
    def test_each_loss_is_noticed_and_mended(self, meaning: Shell) -> None:
        meaning.succeed("add", str(write_reports(meaning.folder / "texte", 6)))
        folder = meaning.data / "indexes" / "vectors"
        passages = [key for (key,) in stored(meaning, "SELECT id FROM passages ORDER BY id")]
        for harm in (delete, scribble):
            harm(folder)
            with owner(meaning) as worker:
                eventually(lambda: not stored(meaning, "SELECT 1 FROM jobs"))
                code, _printed, said = worker.end(signal.SIGTERM)
            assert (code, "Traceback" in said) == (0, False), said
            assert vector_ids(meaning) == passages


class TestAnotherModel:
    @pytest.fixture
    def another(self, meaning: Shell, prepared_models: Path) -> Shell:
        """The same folder with a model whose vectors are others; what is exported is the same, which takes long."""
        known, other = (
            describe_model(EmbeddingConfig(passage_prefix=prefix), prepared_models) for prefix in (None, PREFIX)
        )
        assert known is not None
        assert other is not None
        shutil.copytree(prepared_models / known.fingerprint, prepared_models / other.fingerprint, dirs_exist_ok=True)
        return meaning.with_settings(ALLMENDE_EMBEDDING_PASSAGE_PREFIX=PREFIX)

    def test_from_words_alone_to_a_model_and_on_to_another(self, meaning: Shell, another: Shell) -> None:
        plain = meaning.with_settings(ALLMENDE_EMBEDDING_MODEL="none")
        texts = write_reports(meaning.folder / "texte", 20)
        plain.succeed("add", str(texts))
        with Running(meaning, "search") as first:
            first.wait_for("not in the vector index yet")
            first.type("Gärtnerei Linde8")
            assert sources(first.reply())[0] == "bericht-008.md"
            first.end(signal.SIGINT)
        meaning.succeed("reindex")
        (texts / "bericht-001.md").write_text("# Neuer\n\nDer Leuchtturm in Quellbach.\n", "utf-8")
        noticed = another.run("add", str(texts))
        assert noticed.returncode == 0
        assert "allmende reindex" in noticed.stderr
        another.succeed("reindex")
        assert "found by words alone" not in another.succeed("ask", "Leuchtturm in Quellbach")
        assert vector_ids(another) == [key for (key,) in stored(another, "SELECT id FROM passages ORDER BY id")]

    def test_a_model_that_is_not_there(self, shell: Shell) -> None:
        missing = shell.with_settings(ALLMENDE_EMBEDDING_MODEL="./no-such-model")
        asked = missing.run("ask", "Warum?")
        assert asked.returncode == 2
        assert "no-such-model" in asked.stderr
        assert "Traceback" not in asked.stderr


@pytest.mark.parametrize("name", ["delete", "cut_off", "scribble"])
def test_the_harm_is_real(name: str, tmp_path: Path) -> None:
    (tmp_path / "index").mkdir()
    file = tmp_path / "index" / "meta.json"
    file.write_text("{}" * 50)
    globals()[name](tmp_path / "index")
    assert not file.exists() or file.read_bytes() != b"{}" * 50
