"""Models for the tests: the default one, exported once, and small ones with random weights."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from filelock import FileLock

from knowledge.library.embedding.models import EmbeddingConfig
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


@pytest.fixture
def with_export(tiny: Callable[[str], Path], models_folder: Path, tmp_path: Path) -> Path:
    """A models folder of the test's own in which the small model ``mean`` is exported already."""
    embedder = load_embedder(EmbeddingConfig(model=str(tiny("mean"))), models_folder, progress=say_nothing)
    assert embedder is not None
    shutil.copytree(models_folder / embedder.fingerprint, tmp_path / "models" / embedder.fingerprint)
    return tmp_path / "models"
