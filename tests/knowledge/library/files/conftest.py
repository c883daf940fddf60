"""Files of every kind, made in code, and the shared corpus where there is one."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from knowledge.library.files.blocks import ParsedFile
from knowledge.library.files.limits import ReadLimits
from knowledge.library.files.parse import parse_file

Parse = Callable[[Path], ParsedFile]
ParseText = Callable[..., ParsedFile]


@pytest.fixture
def parse() -> Parse:
    """Reads a file in this process."""
    return lambda path: parse_file(path, ReadLimits())


@pytest.fixture
def parse_text(tmp_path: Path, parse: Parse) -> ParseText:
    """Writes a text under a name, and reads it."""

    def write_and_parse(text: str | bytes, name: str = "text.txt") -> ParsedFile:
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return parse(path)

    return write_and_parse


@pytest.fixture
def corpus() -> Path:
    """The folder with real literature, which is not part of the project."""
    beside_checkout = Path(__file__).resolve().parents[5] / "shared"
    folder = Path(os.environ.get("ALLMENDE_SHARED_DIR", beside_checkout)) / "corpus"
    if not folder.is_dir():
        pytest.skip("The shared corpus is not here; ALLMENDE_SHARED_DIR can name the folder that holds it.")
    return folder
