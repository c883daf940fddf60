"""What journeys start from: an empty data folder, with words alone or with the default model."""

from pathlib import Path

import pytest

from knowledge.library.embedding.export import export_once
from knowledge.library.embedding.models import EmbeddingConfig, describe_model
from tests.hub.shell import Shell
from tests.knowledge.library.embedding.conftest import say_nothing


@pytest.fixture
def shell(tmp_path: Path, begun_template: Path) -> Shell:
    """A folder to call commands from, words alone."""
    return Shell(tmp_path).begun(begun_template)


@pytest.fixture(scope="session")
def prepared_models(models_folder: Path) -> Path:
    """The default model, prepared once for all test processes."""
    model = describe_model(EmbeddingConfig(), models_folder)
    assert model is not None
    export_once(model, models_folder, progress=say_nothing)
    return models_folder


@pytest.fixture
def meaning(tmp_path: Path, prepared_models: Path, begun_template: Path) -> Shell:
    """A folder to call commands from, with the default model ready."""
    settings = {"ALLMENDE_EMBEDDING_MODEL": "default", "ALLMENDE_MODELS_DIR": str(prepared_models)}
    return Shell(tmp_path, settings).begun(begun_template)
