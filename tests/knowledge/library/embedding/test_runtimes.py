"""Making vectors: the same on every runtime, for any model and any text."""

import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Literal

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from knowledge.library.embedding.models import EmbeddingConfig, describe_model
from knowledge.library.embedding.runtimes import Embedder, load_embedder
from tests.knowledge.library.embedding.conftest import AtOnce, say_nothing

Tiny = Callable[[str], Path]

PASSAGES = [
    "Im Winter räumt der Bauhof den Schnee von den Straßen der Gemeinde.",
    "Die Hundesteuer beträgt 60 Euro im Jahr.",
    "",
    "Snow is cleared from the main roads first.",
    "Die Gemeindevertretung beschließt den Haushalt. " * 60,
    "Hund",
]
ODD_TEXTS = {
    "empty": "",
    "spaces": " \t\r\n\u00a0\u2028" * 5,
    "long": "Verwaltungsvorschrift " * 1000,
    "one long word": "x" * 20_000,
    "emoji": "🏛️👩🏽‍🚒 🇩🇪" * 20,
    "control characters": "a\x00b\x07c\x1b[31m\x7f\ufeff\u202e",
    "half a character": "Straße \ud83d ende",
    "other scripts": "Ελληνικά українська 中文 עברית العربية",
    "beyond the basic plane": "𝔖𝔱𝔯𝔞ß𝔢 𐍈",
}


def loaded(models_folder: Path, model: str = "default", runtime: Literal["onnx", "torch"] = "onnx") -> Embedder:
    return loaded_as(EmbeddingConfig(model=model, runtime=runtime), models_folder)


def loaded_as(config: EmbeddingConfig, models_folder: Path) -> Embedder:
    embedder = load_embedder(config, models_folder, progress=say_nothing)
    assert embedder is not None
    return embedder


@pytest.fixture(scope="module")
def original(models_folder: Path) -> Embedder:
    """The default model on torch."""
    return loaded(models_folder, runtime="torch")


@pytest.fixture(params=["onnx", "torch"])
def embedder(request: pytest.FixtureRequest, default_embedder: Embedder) -> Embedder:
    """The default model on each runtime."""
    if request.param == "onnx":
        return default_embedder
    embedder: Embedder = request.getfixturevalue("original")
    return embedder


class TestVectors:
    def test_they_have_the_length_of_the_model_and_of_one(self, embedder: Embedder) -> None:
        vectors = embedder.embed_passages(PASSAGES)
        assert vectors.shape == (len(PASSAGES), embedder.dimension) == (6, 384)
        assert vectors.dtype == np.float32
        assert np.linalg.norm(vectors, axis=1) == pytest.approx(1, abs=1e-4)

    def test_a_text_gets_the_same_alone_and_in_company(self, embedder: Embedder) -> None:
        together = embedder.embed_passages(PASSAGES)
        alone = np.stack([embedder.embed_passages([text])[0] for text in PASSAGES])
        assert together == pytest.approx(alone, abs=1e-5)

    def test_what_is_alike_is_near(self, embedder: Embedder) -> None:
        vectors = embedder.embed_passages(PASSAGES)
        question = embedder.embed_query("Which roads are cleared of snow?")
        assert question.shape == (embedder.dimension,)
        assert int((vectors @ question).argmax()) == 3

    def test_no_texts_no_vectors(self, embedder: Embedder) -> None:
        assert embedder.embed_passages([]).shape == (0, embedder.dimension)

    @pytest.mark.parametrize("name", ODD_TEXTS)
    def test_any_text_will_do(self, embedder: Embedder, name: str) -> None:
        vectors = np.stack([embedder.embed_query(ODD_TEXTS[name]), *embedder.embed_passages([ODD_TEXTS[name], "a"])])
        assert np.linalg.norm(vectors, axis=1) == pytest.approx(1, abs=1e-4)

    @given(text=st.text(st.characters(exclude_categories=()), max_size=300))
    @settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    def test_really_any_text(self, default_embedder: Embedder, text: str) -> None:
        assert np.linalg.norm(default_embedder.embed_query(text)) == pytest.approx(1, abs=1e-4)

    def test_threads_share_one_model(self, embedder: Embedder) -> None:
        expected = [embedder.embed_query(text) for text in PASSAGES]
        with ThreadPoolExecutor(4) as pool:
            vectors = list(pool.map(embedder.embed_query, PASSAGES * 5))
        assert np.stack(vectors) == pytest.approx(np.stack(expected * 5), abs=1e-4)

    def test_more_texts_than_are_taken_at_once(self, default_embedder: Embedder) -> None:
        texts = [f"Straße {number}" for number in range(600)]
        vectors = default_embedder.embed_passages(texts)
        assert float(vectors[599] @ default_embedder.embed_query("Straße 599")) > 0.97


class TestRuntimesAgree:
    def test_on_the_default_model(self, default_embedder: Embedder, original: Embedder) -> None:
        texts = [*PASSAGES, *ODD_TEXTS.values()]
        cosines = (default_embedder.embed_passages(texts) * original.embed_passages(texts)).sum(axis=1)
        assert cosines.mean() > 0.95
        assert cosines.min() > 0.85
        assert default_embedder.fingerprint == original.fingerprint
        assert (default_embedder.description, original.description) == (
            "all-MiniLM-L6-v2 (onnx, int8)",
            "all-MiniLM-L6-v2 (torch)",
        )

    @pytest.mark.parametrize(("kind", "precision"), [("mean", "int8"), ("prompts", "int8"), ("gemma", "fp32")])
    def test_on_any_model_in_a_folder(
        self, tiny: Tiny, models_folder: Path, at_once: AtOnce, kind: str, precision: str
    ) -> None:
        exported = loaded(at_once.folder if kind == "mean" else models_folder, str(tiny(kind)))
        original = loaded(models_folder, str(tiny(kind)), "torch")
        assert exported.description == f"tiny-{kind} (onnx, {precision})"
        texts = ["die gemeinde räumt schnee", "wer kostet hund?", "", "straßen " * 100]
        pairs = [
            (exported.embed_passages(texts), original.embed_passages(texts)),
            (exported.embed_query(texts[1])[None], original.embed_query(texts[1])[None]),
        ]
        assert all((ours * theirs).sum(axis=1).min() > 0.97 for ours, theirs in pairs)


class TestPrefixes:
    @pytest.mark.parametrize("runtime", ["onnx", "torch"])
    def test_they_are_written_before_the_text(
        self, tiny: Tiny, models_folder: Path, tmp_path: Path, runtime: Literal["onnx", "torch"]
    ) -> None:
        config = EmbeddingConfig(model=str(tiny("prompts")), runtime=runtime)
        plain = replace(config, query_prefix="", passage_prefix="")
        embedder = loaded_as(config, models_folder)
        if runtime == "onnx":
            # The prefixes are no part of what is exported, and exporting takes long.
            described = describe_model(plain, tmp_path)
            assert described is not None
            shutil.copytree(models_folder / embedder.fingerprint, tmp_path / described.fingerprint)
        bare = loaded_as(plain, tmp_path)
        text = "schnee im winter"
        assert embedder.embed_query(text) == pytest.approx(bare.embed_query("query: " + text), abs=1e-5)
        assert embedder.embed_passages([text])[0] == pytest.approx(bare.embed_query("passage: " + text), abs=1e-5)
        assert float(embedder.embed_query(text) @ bare.embed_query(text)) < 0.999


class TestNone:
    def test_words_alone_need_no_model(self, tmp_path: Path) -> None:
        assert load_embedder(EmbeddingConfig(model="none"), tmp_path, progress=say_nothing) is None
        assert list(tmp_path.iterdir()) == []
