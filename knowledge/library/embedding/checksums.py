"""Checksums of a model's files. Those of big files are remembered, so that a start does not read gigabytes."""

import contextlib
import hashlib
import json
import os
import tempfile
from pathlib import Path

# Anything else in the folder (cards, pictures, other formats) does not change the vectors.
SMALL_FILES = ("*.json", "vocab.txt", "merges.txt", "*.model")
OTHER_FORMATS = {"onnx", "openvino", ".cache", ".git"}
# Descriptions that say nothing about vectors.
IGNORED = {"data_config.json", "model.safetensors.index.json"}


class Checksums:
    """SHA-256 of files, remembered in a small file beside the exported models."""

    def __init__(self, memory: Path) -> None:
        self._memory = memory

    @staticmethod
    def of_file(path: Path) -> str:
        """Return the SHA-256 of a file, read in full."""
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()

    def of_model(self, folder: Path) -> list[str]:
        """Return one line ``path checksum`` for every file that shapes the vectors; empty without any weights."""
        weights = _weight_files(folder)
        if not weights:
            return []
        known = self._remembered()
        lines = [f"{path.relative_to(folder).as_posix()} {self._of_big(path, known)}" for path in weights]
        self._remember(known)
        lines += [f"{path.relative_to(folder).as_posix()} {self.of_file(path)}" for path in _small_files(folder)]
        return lines

    def _of_big(self, path: Path, known: dict[str, str]) -> str:
        state = path.stat()
        key = f"{path}|{state.st_size}|{state.st_mtime_ns}"
        if key not in known:
            known[key] = self.of_file(path)
        return known[key]

    def _remembered(self) -> dict[str, str]:
        try:
            known = json.loads(self._memory.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return known if isinstance(known, dict) else {}

    def _remember(self, known: dict[str, str]) -> None:
        """Write what is known in one step; a folder that cannot be written only costs time at the next start."""
        if known == self._remembered():
            return
        with contextlib.suppress(OSError):
            self._memory.parent.mkdir(parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(dir=self._memory.parent, prefix=".checksums-")
            with os.fdopen(handle, "w", encoding="utf-8") as stream:
                json.dump(known, stream, indent=1)
            Path(name).replace(self._memory)


def has_weights(folder: Path) -> bool:
    """Tell whether a folder holds weights of a model."""
    return bool(_weight_files(folder))


def _weight_files(folder: Path) -> list[Path]:
    """Return the weights in the form that would be loaded: safetensors, else PyTorch's own."""
    for pattern in ("*.safetensors", "pytorch_model*.bin"):
        found = [path for path in folder.rglob(pattern) if not OTHER_FORMATS & set(path.relative_to(folder).parts)]
        if found:
            return sorted(found)
    return []


def _small_files(folder: Path) -> list[Path]:
    found = {path for pattern in SMALL_FILES for path in folder.rglob(pattern)}
    return sorted(
        path for path in found if path.name not in IGNORED and not OTHER_FORMATS & set(path.relative_to(folder).parts)
    )
