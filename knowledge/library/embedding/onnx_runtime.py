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

# Word pieces in one batch: 4 passages of 256, which stay in the processor's cache. Measured on two cores with int8:
# 28 passages/s per core with 512 or 1024, 24 with 4096, for which it takes 150 MB more.
BATCH_TOKENS = 1024
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
            vectors[start : start + len(part)] = self._embed(part)
        return vectors

    def embed_query(self, text: str) -> "NDArray[np.float32]":
        """Return the normalised vector of a question, shape (dimension,)."""
        vector: NDArray[np.float32] = self._embed(prepare([text], prefix=self._model.query_prefix))[0]
        return vector

    def _embed(self, texts: Sequence[str]) -> "NDArray[np.float32]":
        pieces = [encoding.ids for encoding in self._tokenizer.encode_batch(list(texts))]
        vectors = np.empty((len(texts), self.dimension), dtype=np.float32)
        for batch in _batches([len(ids) for ids in pieces]):
            vectors[batch] = self._run([pieces[index] for index in batch])
        return vectors

    def _run(self, batch: Sequence[Sequence[int]]) -> "NDArray[np.float32]":
        """Run the model on texts as word pieces, the longest last."""
        shape = (len(batch), max(1, len(batch[-1])))
        ids = np.full(shape, self._manifest.pad_token, dtype=np.int64)
        mask = np.zeros(shape, dtype=np.int64)
        for row, pieces in enumerate(batch):
            ids[row, : len(pieces)] = pieces
            mask[row, : len(pieces)] = 1
        known = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros(shape, dtype=np.int64)}
        feed = {name: known[name] for name in self._manifest.inputs}
        # A text without any word piece has no direction; some models answer it with "not a number".
        return np.nan_to_num(np.asarray(self._session.run(None, feed)[0], dtype=np.float32))


def _batches(lengths: Sequence[int]) -> "list[list[int]]":
    """Group texts of similar length, so that little is padded, into batches of at most ``BATCH_TOKENS``."""
    batches: list[list[int]] = []
    for index in sorted(range(len(lengths)), key=lengths.__getitem__):
        # Sorted by length, so the new one is the longest of its batch.
        if batches and (len(batches[-1]) + 1) * lengths[index] <= BATCH_TOKENS:
            batches[-1].append(index)
        else:
            batches.append([index])
    return batches


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
