"""Running an exported model on onnxruntime, without torch."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import onnxruntime
from onnxruntime.capi.onnxruntime_pybind11_state import Fail, InvalidGraph, InvalidProtobuf, NoSuchFile
from tokenizers import Tokenizer

from knowledge.library.embedding.export import MODEL, TOKENIZER, ExportFailed, Manifest
from knowledge.library.embedding.models import ModelDescription
from knowledge.library.embedding.texts import prepare

if TYPE_CHECKING:
    from numpy.typing import NDArray

# Texts that are cut into word pieces at once, so that a long list does not need memory for all its pieces.
TEXTS_AT_ONCE = 512
# More threads do not help these small models, and other work needs cores too.
MOST_THREADS = 4


class OnnxEmbedder:
    """An exported model in use. Safe to share between threads."""

    def __init__(self, model: ModelDescription, folder: Path, *, threads: int = 0) -> None:
        """Load what :func:`~knowledge.library.embedding.export.export_once` left in ``folder``.

        Raises ``ExportFailed`` when it cannot be loaded.
        """
        manifest = Manifest.read(folder)
        if manifest is None:
            raise ExportFailed(f"no complete export in {folder}")
        self._model = model
        self._manifest = manifest
        self._tokenizer = _load_tokenizer(folder / TOKENIZER, manifest.max_tokens)
        self._session = _load_session(folder / MODEL, threads)

    @property
    def dimension(self) -> int:
        """Length of the vectors."""
        return self._manifest.dimension

    @property
    def fingerprint(self) -> str:
        """What tells the vectors of this model from those of others."""
        return self._model.fingerprint

    @property
    def description(self) -> str:
        """Name and runtime, for a person."""
        return f"{self._model.name} (onnx, {self._manifest.precision})"

    def embed_passages(self, texts: Sequence[str]) -> "NDArray[np.float32]":
        """Return one normalised vector per text, shape (n, dimension)."""
        vectors = np.empty((len(texts), self.dimension), dtype=np.float32)
        for start in range(0, len(texts), TEXTS_AT_ONCE):
            part = prepare(texts[start : start + TEXTS_AT_ONCE], prefix=self._model.passage_prefix)
            for row, encoding in enumerate(self._tokenizer.encode_batch(part), start):
                vectors[row] = self._run(encoding.ids)
        return vectors

    def embed_query(self, text: str) -> "NDArray[np.float32]":
        """Return the normalised vector of a question, shape (dimension,)."""
        (prepared,) = prepare([text], prefix=self._model.query_prefix)
        return self._run(self._tokenizer.encode(prepared).ids)

    def _run(self, pieces: Sequence[int]) -> "NDArray[np.float32]":
        """Run the model on the word pieces of one text.

        Texts go through alone: int8 rounds by the largest number in a batch, so in company the same text would get
        another vector each time (cosine 0.97 to 0.99), and batches are no faster here. Measured with int8 per second
        of one core: 30 passages of 243 word pieces alone, 26 in fours; 132 of 66 alone, 127 in fifteens.
        """
        if not pieces:
            # Some models add nothing to an empty text, which then has no direction.
            return np.zeros(self.dimension, dtype=np.float32)
        ids = np.array([pieces], dtype=np.int64)
        known = {"input_ids": ids, "attention_mask": np.ones_like(ids), "token_type_ids": np.zeros_like(ids)}
        (vectors,) = self._session.run(None, {name: known[name] for name in self._manifest.inputs})
        vector: NDArray[np.float32] = np.asarray(vectors[0], dtype=np.float32)
        return vector


def _load_tokenizer(path: Path, max_tokens: int) -> Tokenizer:
    tokenizer = Tokenizer.from_file(str(path))
    tokenizer.no_padding()
    tokenizer.enable_truncation(max_tokens)
    return tokenizer


def _processors() -> int:
    """Count the processors this process may use; not every system can say that."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _load_session(path: Path, threads: int) -> Any:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads or min(MOST_THREADS, _processors())
    options.inter_op_num_threads = 1
    # Threads that wait by spinning fight with everything else on a small machine: p95 16 against 9 ms.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.log_severity_level = 3
    try:
        return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    except (Fail, InvalidGraph, InvalidProtobuf, NoSuchFile) as error:
        raise ExportFailed(str(error)) from error
