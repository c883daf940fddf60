"""The process that exports a model: ``python -m knowledge.library.embedding.export_process MODEL_FOLDER WORK_FOLDER``.

Started by :mod:`knowledge.library.embedding.export`; the result is ``WORK_FOLDER/done``. Ends with 1 and a reason on
standard error where a model cannot be exported.
"""

import json
import logging
import shutil
import sys
import warnings
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from onnxruntime.quantization import QuantType, quantize_dynamic
from sentence_transformers import SentenceTransformer

from knowledge.library.embedding.export import MODEL, TOKENIZER, ExportFailed, Manifest, size_of_files
from knowledge.library.embedding.models import MAX_TOKENS, ModelDescription
from knowledge.library.embedding.onnx_runtime import OnnxEmbedder
from knowledge.library.embedding.texts import prepare

if TYPE_CHECKING:
    from numpy.typing import NDArray

INPUTS = ("input_ids", "attention_mask", "token_type_ids")
# Modules that only compute on what the modules before them left; others (routers, word lists) need their own runtime.
PLAIN_MODULES = {"Transformer", "Pooling", "Dense", "Normalize", "LayerNorm", "Dropout"}
# Mean and least cosine to the original. int8 with one scale per channel and seven bits (which processors without VNNI
# need) reaches 0.986 and 0.973 with all-MiniLM-L6-v2 on German news, at unchanged quality of the fused ranking.
INT8_MEAN, INT8_LEAST = 0.95, 0.90
FP32_LEAST = 0.999
# Of different length, so that cutting is tried too.
SENTENCES = (
    "",
    "Wer räumt im Winter den Gehweg?",
    "Das Amt hat 2023 die Straßenbeleuchtung auf LED umgestellt und spart seitdem 40 % der Stromkosten.",
    "Citizens can apply for a parking permit online; the fee is 30.50 euros a year.",
    "OZG 🏛️ FIM-Datenfelder: §§ 3, 4 – Änderungen (vgl. Anlage 2)",
    "Die Gemeindevertretung beschließt den Haushalt. " * 60,
    "Hundesteuer",
    "Für die Wärmeplanung wurden Verbrauchsdaten der Netzbetreiber und Gebäudedaten ausgewertet; "
    "drei Nachbargemeinden haben sich die Kosten geteilt und einen gemeinsamen Dienstleister beauftragt.",
)


class _Whole(torch.nn.Module):
    """All modules of the model in one, from word pieces to normalised vectors."""

    def __init__(self, model: SentenceTransformer, inputs: tuple[str, ...]) -> None:
        super().__init__()
        self.modules_in_order = torch.nn.ModuleList(model)
        self.inputs = inputs

    def forward(self, *tensors: torch.Tensor) -> torch.Tensor:
        """Return the normalised vectors, shape (n, dimension)."""
        features: dict[str, Any] = dict(zip(self.inputs, tensors, strict=True))
        for module in self.modules_in_order:
            features = module(features)
        return torch.nn.functional.normalize(features["sentence_embedding"], p=2, dim=1)


def main(folder: Path, work: Path) -> None:
    """Export the model in ``folder``; leave ``work/done`` with the best form that is like the original.

    Raises ``ExportFailed``.
    """
    model = _load(folder)
    draft, quantised = work / "fp32", work / "int8"
    manifest = _write_fp32(model, draft)
    expected: NDArray[np.float32] = model.encode(prepare(SENTENCES), normalize_embeddings=True, show_progress_bar=False)
    mean, least = _compare(draft, expected)
    if least < FP32_LEAST:
        raise ExportFailed(f"the exported model differs from the original: cosine {least:.4f}")
    try:
        smaller = _write_int8(draft, quantised, manifest)
        smaller_mean, smaller_least = _compare(quantised, expected)
        if smaller_mean >= INT8_MEAN and smaller_least >= INT8_LEAST:
            draft, manifest, mean = quantised, smaller, smaller_mean
    except Exception:
        # The quantiser raises whatever its parts raise; the exact form, which was found right, remains.
        logging.getLogger(__name__).debug("no int8", exc_info=True)
    _sized(draft, replace(manifest, likeness=round(mean, 4)))
    draft.rename(work / "done")


def _load(folder: Path) -> SentenceTransformer:
    model = SentenceTransformer(
        str(folder), device="cpu", local_files_only=True, model_kwargs={"attn_implementation": "eager"}
    )
    kinds = {type(module).__name__ for module in model}
    if kinds - PLAIN_MODULES:
        raise ExportFailed(f"modules that cannot be exported: {sorted(kinds - PLAIN_MODULES)}")
    if any(getattr(module, "include_prompt", True) is False for module in model):
        raise ExportFailed("the model leaves its prompts out of pooling")
    if not getattr(model.tokenizer, "is_fast", False):
        raise ExportFailed("the model has no tokenizer.json")
    model.max_seq_length = min(model.max_seq_length or MAX_TOKENS, MAX_TOKENS)
    # Our prefixes are written before the text by whoever embeds it.
    model.default_prompt_name = None
    return model.float().eval()


def _write_fp32(model: SentenceTransformer, folder: Path) -> Manifest:
    folder.mkdir()
    example = _features(model, ["Ein kurzer Satz.", "Ein etwas längerer Satz über die Verwaltung einer Gemeinde."])
    whole = _Whole(model, tuple(example)).eval()
    with torch.inference_mode():
        try:
            _trace(whole, example, folder / MODEL)
        except Exception:
            # Exporters raise whatever their parts raise.
            logging.getLogger(__name__).debug("not to be traced", exc_info=True)
            _analyse(whole, example, folder / MODEL)
    _write_tokenizer(model, folder / TOKENIZER)
    dimension = model.get_embedding_dimension()
    if dimension is None:
        raise ExportFailed("the model does not know the length of its vectors")
    manifest = Manifest(
        dimension=dimension,
        max_tokens=model.max_seq_length or MAX_TOKENS,
        inputs=tuple(example),
        precision="fp32",
        likeness=1.0,
        bytes=0,
    )
    return _sized(folder, manifest)


def _trace(whole: _Whole, example: Mapping[str, torch.Tensor], target: Path) -> None:
    """Export by watching a run. It takes a third of the time of the other way."""
    axes = {name: {0: "batch", 1: "tokens"} for name in example} | {"vector": {0: "batch"}}
    torch.onnx.export(
        whole,
        tuple(example.values()),
        str(target),
        input_names=list(example),
        output_names=["vector"],
        dynamic_axes=axes,
        opset_version=17,
        dynamo=False,
    )


def _analyse(whole: _Whole, example: Mapping[str, torch.Tensor], target: Path) -> None:
    """Export by reading the program, for models that compute their masks in a way that cannot be watched (Gemma 3)."""
    shape = {0: torch.export.Dim("batch"), 1: torch.export.Dim("tokens", max=MAX_TOKENS)}
    torch.onnx.export(
        whole,
        tuple(example.values()),
        str(target),
        input_names=list(example),
        output_names=["vector"],
        dynamic_shapes=(tuple(shape for _ in example),),
        opset_version=18,
        dynamo=True,
        verbose=False,
    )


def _features(model: SentenceTransformer, texts: list[str]) -> Mapping[str, torch.Tensor]:
    """Return what the model's first module takes, in a fixed order."""
    features = model.preprocess(texts)
    unknown = {name for name, value in features.items() if isinstance(value, torch.Tensor)} - set(INPUTS)
    if unknown:
        raise ExportFailed(f"inputs that cannot be exported: {sorted(unknown)}")
    return {name: features[name] for name in INPUTS if name in features}


def _write_tokenizer(model: SentenceTransformer, path: Path) -> None:
    tokenizer = json.loads(model.tokenizer.backend_tokenizer.to_str())
    path.write_text(json.dumps(tokenizer | {"padding": None, "truncation": None}, ensure_ascii=False), "utf-8")


def _write_int8(source: Path, folder: Path, manifest: Manifest) -> Manifest:
    folder.mkdir()
    quantize_dynamic(source / MODEL, folder / MODEL, weight_type=QuantType.QInt8, per_channel=True, reduce_range=True)
    shutil.copyfile(source / TOKENIZER, folder / TOKENIZER)
    return _sized(folder, replace(manifest, precision="int8"))


def _sized(folder: Path, manifest: Manifest) -> Manifest:
    """Write the manifest with the size of the files beside it."""
    sized = replace(manifest, bytes=size_of_files(folder))
    sized.write(folder)
    return sized


def _compare(folder: Path, expected: "NDArray[np.float32]") -> tuple[float, float]:
    """Return the mean and the least cosine between an export, used as it will be, and the original."""
    model = ModelDescription("export", folder, "", "", "export")
    cosines = (OnnxEmbedder(model, folder).embed_passages(SENTENCES) * expected).sum(axis=1)
    return float(cosines.mean()), float(cosines.min())


def _quiet() -> None:
    """Leave standard error to the reason of a failure."""
    warnings.simplefilter("ignore")
    logging.disable(logging.CRITICAL)


if __name__ == "__main__":
    _quiet()
    try:
        main(Path(sys.argv[1]), Path(sys.argv[2]))
    except ExportFailed as failure:
        sys.exit(str(failure))
