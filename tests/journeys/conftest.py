"""What journeys start from: an empty data folder, with words alone or with the default model."""

import shutil
from pathlib import Path

import pytest
from filelock import FileLock

from tests.conftest import shared_by_workers
from tests.hub.shell import Shell, write_texts


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    """A folder to call commands from, words alone."""
    return Shell(tmp_path)


@pytest.fixture(scope="session")
def prepared_models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The default model, prepared once for all test processes."""
    root = shared_by_workers(tmp_path_factory)
    folder = root / "prepared-model"
    with FileLock(root / "prepared-model.lock"):
        if not (folder / "data" / "models").is_dir():
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            maker = Shell(folder, {"ALLMENDE_EMBEDDING_MODEL": "default"})
            maker.succeed("add", str(write_texts(folder / "texts")))
    return folder / "data" / "models"


@pytest.fixture
def meaning(tmp_path: Path, prepared_models: Path) -> Shell:
    """A folder to call commands from, with the default model ready."""
    settings = {"ALLMENDE_EMBEDDING_MODEL": "default", "ALLMENDE_MODELS_DIR": str(prepared_models)}
    return Shell(tmp_path, settings)
