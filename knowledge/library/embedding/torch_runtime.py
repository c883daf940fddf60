"""Running a model on its original runtime: slower and bigger, but it runs every sentence-transformers model."""

import math
import threading
import warnings
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

with warnings.catch_warnings():
    # Deprecations inside the libraries, which say nothing to us.
    warnings.simplefilter("ignore")
    import torch
    from sentence_transformers import SentenceTransformer
    from transformers.utils import logging as library_logging

from knowledge.library.embedding.models import MAX_TOKENS, ModelDescription
from knowledge.library.embedding.texts import prepare

if TYPE_CHECKING:
    from numpy.typing import NDArray

BATCH = 16


class TorchEmbedder:
    """A model on torch. Safe to share between threads, which take turns."""

    def __init__(self, model: ModelDescription, *, threads: int = 0) -> None:
        """Load the model from its folder; nothing is fetched.

        Raises ``ModelRefused`` when its weights are not the published ones.
        """
        model.check_weights()
        self._description = model
        self._lock = threading.Lock()
        library_logging.disable_progress_bar()  # type: ignore[no-untyped-call] # the library left it so
        if threads:
            torch.set_num_threads(threads)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            self._model = SentenceTransformer(str(model.folder), device="cpu", local_files_only=True)
        self._model.prompts = {"query": model.query_prefix, "document": model.passage_prefix}
        self._model.default_prompt_name = None
        longest = self._model.max_seq_length
        if longest is not None and MAX_TOKENS < longest < math.inf:
            self._model.max_seq_length = MAX_TOKENS
        self._dimension = self._model.get_embedding_dimension() or len(self._model.encode("a"))

    @property
    def dimension(self) -> int:
        """Length of the vectors."""
        return self._dimension

    @property
    def fingerprint(self) -> str:
        """What tells the vectors of this model from those of others."""
        return self._description.fingerprint

    @property
    def description(self) -> str:
        """Name and runtime, for a person."""
        return f"{self._description.name} (torch)"

    def embed_passages(self, texts: Sequence[str]) -> "NDArray[np.float32]":
        """Return one normalised vector per text, shape (n, dimension)."""
        if not texts:
            return np.empty((0, self.dimension), dtype=np.float32)
        with self._lock:
            vectors = self._model.encode_document(
                prepare(texts), batch_size=BATCH, normalize_embeddings=True, show_progress_bar=False
            )
        return np.nan_to_num(np.asarray(vectors, dtype=np.float32))

    def embed_query(self, text: str) -> "NDArray[np.float32]":
        """Return the normalised vector of a question, shape (dimension,)."""
        with self._lock:
            vectors = self._model.encode_query(prepare([text]), normalize_embeddings=True, show_progress_bar=False)
        return np.nan_to_num(np.asarray(vectors[0], dtype=np.float32))
