"""Models for the tests: the default one, exported once, and small ones with random weights."""

from collections.abc import Callable
from pathlib import Path

import pytest

from knowledge.library.embedding.models import EmbeddingConfig
from knowledge.library.embedding.runtimes import Embedder, load_embedder
from tests.knowledge.library.embedding.tiny_models import tiny_model


def say_nothing(message: str) -> None:
    """A progress that nobody watches."""


@pytest.fixture(scope="session")
def models_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where exported models are kept for all tests."""
    return tmp_path_factory.mktemp("models")


@pytest.fixture(scope="session")
def default_embedder(models_folder: Path) -> Embedder:
    """The default model on onnxruntime."""
    embedder = load_embedder(EmbeddingConfig(), models_folder, progress=say_nothing)
    assert embedder is not None
    return embedder


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Make a small model of some kind, once."""
    folder = tmp_path_factory.mktemp("tiny")
    return lambda kind: tiny_model(folder, kind)
