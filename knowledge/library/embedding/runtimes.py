"""Making vectors: the port that the library knows, and how one of its runtimes is chosen.

Light to import; onnxruntime or torch are loaded by :func:`load_embedder`.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from knowledge.kit.language import _
from knowledge.kit.logs import get_logger
from knowledge.library.embedding.export import ExportFailed, Progress, export_once
from knowledge.library.embedding.models import EmbeddingConfig, ModelDescription, describe_model

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class Embedder(Protocol):
    """Something that turns texts into vectors. Any text will do: empty, very long, or with odd characters."""

    @property
    def dimension(self) -> int:
        """Length of the vectors."""
        ...

    @property
    def fingerprint(self) -> str:
        """What tells the vectors of this model from those of others."""
        ...

    @property
    def description(self) -> str:
        """Name and runtime, for a person."""
        ...

    def embed_passages(self, texts: Sequence[str]) -> "NDArray[np.float32]":
        """Return one normalised vector per text, shape (n, dimension)."""
        ...

    def embed_query(self, text: str) -> "NDArray[np.float32]":
        """Return the normalised vector of a question, shape (dimension,)."""
        ...


def load_embedder(config: EmbeddingConfig, models_folder: Path, *, progress: Progress) -> Embedder | None:
    """Load the configured model; ``None`` where words alone are wanted.

    Args:
        config: which model, on which runtime.
        models_folder: where exported models are kept.
        progress: is told, in a person's language, what takes a while.

    Raises ``ModelMissing`` and ``ModelRefused``.
    """
    model = describe_model(config, models_folder)
    if model is None:
        return None
    if config.runtime == "torch":
        return _on_torch(model, config.threads)
    try:
        folder = export_once(model, models_folder, progress=progress)
        from knowledge.library.embedding.onnx_runtime import OnnxEmbedder

        return OnnxEmbedder(model, folder, threads=config.threads)
    except ExportFailed as error:
        get_logger().warning("model_export_failed", model=model.fingerprint, reason=str(error))
        progress(_("The language model could not be prepared for this machine; it runs on its slower original form."))
        return _on_torch(model, config.threads)


def _on_torch(model: ModelDescription, threads: int) -> Embedder:
    from knowledge.library.embedding.torch_runtime import TorchEmbedder

    return TorchEmbedder(model, threads=threads)
