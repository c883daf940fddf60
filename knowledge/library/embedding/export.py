"""Exporting a model once to ONNX, in a process of its own, so that neither start nor memory pays for torch."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Self

from knowledge.kit.language import _
from knowledge.library.embedding.models import ModelDescription

# Bigger numbers mean that older exports are made again.
FORMAT = 2
MANIFEST, MODEL, TOKENIZER = "manifest.json", "model.onnx", "tokenizer.json"
# Reading and exporting a model of two gigabytes takes some minutes on a small machine.
EXPORT_SECONDS = 1800
PROJECT = Path(__file__).resolve().parents[3]

Progress = Callable[[str], None]


class ExportFailed(Exception):
    """This model cannot be exported, or not here; it still runs on its original runtime."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What is known of an exported model.

    ``likeness`` is the mean cosine to the vectors of the original on the sentences that it was checked with.
    ``bytes`` is the size of all files together, by which a copy that was cut off is noticed.
    """

    dimension: int
    max_tokens: int
    inputs: tuple[str, ...]
    precision: str
    likeness: float
    bytes: int
    format: int = FORMAT

    def write(self, folder: Path) -> None:
        """Write the manifest into a folder."""
        (folder / MANIFEST).write_text(json.dumps(asdict(self), indent=1), encoding="utf-8")

    @classmethod
    def read(cls, folder: Path) -> Self | None:
        """Read the manifest of a complete export; ``None`` where there is none that can be used."""
        try:
            values = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
            manifest = cls(**{**values, "inputs": tuple(values["inputs"])})
            whole = size_of_files(folder) == manifest.bytes
        except (OSError, ValueError, TypeError, KeyError):
            return None
        return manifest if whole and manifest.format == FORMAT else None


def size_of_files(folder: Path) -> int:
    """Return the size in bytes of what an export consists of; a big model has more than one file."""
    return sum(path.stat().st_size for path in folder.iterdir() if path.name != MANIFEST)


def export_folder(model: ModelDescription, models_folder: Path) -> Path:
    """Return where the export of a model lies, whether it is there or not."""
    return models_folder / model.fingerprint


def export_once(model: ModelDescription, models_folder: Path, *, progress: Progress) -> Path:
    """Export a model unless that was done before; two processes at once do it once.

    Args:
        model: which model.
        models_folder: gets a folder named by the model's fingerprint, complete or not at all.
        progress: is told when work begins that takes some seconds.

    Raises ``ExportFailed``, and ``ModelRefused`` when the weights are not the published ones.
    """
    folder = export_folder(model, models_folder)
    if Manifest.read(folder):
        return folder
    from filelock import FileLock

    try:
        models_folder.mkdir(parents=True, exist_ok=True)
        with FileLock(models_folder / f".{model.fingerprint}.lock"):
            if Manifest.read(folder) is None:
                refusal = _Refusal(models_folder / f".{model.fingerprint}.failed")
                refusal.check()
                progress(_("Preparing the language model for this machine; this is done once."))
                _export(model, folder, refusal)
    except OSError as error:
        raise ExportFailed(str(error)) from error
    return folder


class _Refusal:
    """A note that a model could not be exported, so that not every start tries again for nothing."""

    def __init__(self, path: Path) -> None:
        self._path = path
        # Another version may be able to do it.
        self._version = f"{FORMAT} {version('sentence-transformers')} {version('torch')}"

    def check(self) -> None:
        """Raise ``ExportFailed`` again if it failed before."""
        known, _separator, reason = (
            self._path.read_text("utf-8").partition("\n") if self._path.exists() else ("", "", "")
        )
        if known == self._version:
            raise ExportFailed(reason)

    def write(self, reason: str) -> None:
        """Remember why it failed."""
        self._path.write_text(f"{self._version}\n{reason}", encoding="utf-8")


def _export(model: ModelDescription, folder: Path, refusal: _Refusal) -> None:
    """Export into a folder beside it and move that into place. The caller holds the lock."""
    model.check_weights()
    prefix = f".{model.fingerprint}-"
    for left_over in folder.parent.glob(f"{prefix}*"):
        shutil.rmtree(left_over, ignore_errors=True)
    work = Path(tempfile.mkdtemp(dir=folder.parent, prefix=prefix))
    try:
        _run_exporter(model, work, refusal)
        if folder.exists():
            folder.rename(work / "replaced")
        (work / "done").rename(folder)
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _run_exporter(model: ModelDescription, work: Path, refusal: _Refusal) -> None:
    command = [sys.executable, "-m", "knowledge.library.embedding.export_process", str(model.folder), str(work)]
    try:
        run = subprocess.run(
            command, env=_environment(), capture_output=True, text=True, timeout=EXPORT_SECONDS, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise ExportFailed(f"exporting took longer than {EXPORT_SECONDS} s") from error
    if run.returncode or Manifest.read(work / "done") is None:
        reason = run.stderr.strip()[-2000:] or f"the exporter ended with {run.returncode}"
        refusal.write(reason)
        raise ExportFailed(reason)


def _environment() -> dict[str, str]:
    """Return an environment in which nothing is fetched and our packages are found."""
    paths = [str(PROJECT), os.environ.get("PYTHONPATH", "")]
    return {
        **os.environ,
        "HF_HUB_OFFLINE": "1",
        "HF_HUB_DISABLE_PROGRESS_BARS": "1",
        "TOKENIZERS_PARALLELISM": "false",
        "PYTHONWARNINGS": "ignore",
        "PYTHONPATH": os.pathsep.join(path for path in paths if path),
    }
