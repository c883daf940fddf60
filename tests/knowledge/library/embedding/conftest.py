"""Models for the tests: the default one, exported once, and small ones with random weights."""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from filelock import FileLock

from knowledge.library.embedding.export import MODEL, Manifest
from knowledge.library.embedding.models import EmbeddingConfig, describe_model
from knowledge.library.embedding.runtimes import Embedder, load_embedder
from tests.conftest import shared_by_workers
from tests.knowledge.library.embedding.tiny_models import make_tiny_models


def say_nothing(message: str) -> None:
    """A progress that nobody watches."""


@pytest.fixture(scope="session")
def default_embedder(models_folder: Path) -> Embedder:
    """The default model on onnxruntime."""
    embedder = load_embedder(EmbeddingConfig(), models_folder, progress=say_nothing)
    assert embedder is not None
    return embedder


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Return the folder of a small model of some kind."""
    folder = shared_by_workers(tmp_path_factory) / "tiny-models"
    with FileLock(f"{folder}.lock"):
        if not folder.is_dir():
            unfinished = tmp_path_factory.mktemp("tiny")
            make_tiny_models(unfinished)
            unfinished.rename(folder)
    return lambda kind: folder / f"tiny-{kind}"


@dataclass(frozen=True, slots=True)
class AtOnce:
    """How two processes exported the small model ``mean`` at once, and how they ended."""

    folder: Path
    fingerprint: str
    codes: list[int]
    said: list[list[str]]


LOADING = (
    "import sys; from pathlib import Path; from knowledge.library.embedding.models import EmbeddingConfig;"
    "from knowledge.library.embedding.runtimes import load_embedder;"
    "embedder = load_embedder(EmbeddingConfig(model=sys.argv[1]), Path(sys.argv[2]), progress=print);"
    "print(embedder.description)"
)


def export_twice_at_once(model: str, folder: Path) -> AtOnce:
    """Let two processes load a model at once, where an earlier export was killed and another one was cut off."""
    described = describe_model(EmbeddingConfig(model=model), folder)
    assert described is not None
    for left in (folder / f".{described.fingerprint}-killed", folder / described.fingerprint):
        left.mkdir(parents=True)
        (left / MODEL).write_bytes(b"half of it")
    Manifest(32, 32, ("input_ids",), "int8", 1.0, bytes=10_000).write(folder / described.fingerprint)
    command = [sys.executable, "-c", LOADING, model, str(folder)]
    processes = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    said = [process.communicate(timeout=300)[0].strip().split("\n") for process in processes]
    return AtOnce(folder, described.fingerprint, [process.returncode for process in processes], said)


@pytest.fixture(scope="session")
def at_once(tiny: Callable[[str], Path], tmp_path_factory: pytest.TempPathFactory) -> AtOnce:
    """The small model ``mean``, exported for all tests, of all test processes; exporting takes long."""
    folder = shared_by_workers(tmp_path_factory) / "at-once"
    told = folder.with_suffix(".json")
    with FileLock(f"{folder}.lock"):
        if not told.exists():
            made = export_twice_at_once(str(tiny("mean")), folder)
            told.write_text(json.dumps([made.fingerprint, made.codes, made.said]), "utf-8")
    return AtOnce(folder, *json.loads(told.read_text("utf-8")))


@pytest.fixture
def with_export(at_once: AtOnce, tmp_path: Path) -> Path:
    """A models folder of the test's own in which the small model ``mean`` is exported already."""
    shutil.copytree(at_once.folder / at_once.fingerprint, tmp_path / "models" / at_once.fingerprint)
    return tmp_path / "models"
