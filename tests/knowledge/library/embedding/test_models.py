"""Which model is meant, what it wants before a text, and how it is told from others."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from knowledge.library.embedding.models import (
    DEFAULT_SHA256,
    EmbeddingConfig,
    ModelDescription,
    ModelMissing,
    describe_model,
)

Tiny = Callable[[str], Path]


def described(config: EmbeddingConfig, models_folder: Path) -> ModelDescription:
    model = describe_model(config, models_folder)
    assert model is not None
    return model


def copy(model: Path, target: Path) -> Path:
    return Path(shutil.copytree(model, target))


class TestFinding:
    def test_the_default_comes_with_its_package(self, tmp_path: Path) -> None:
        model = described(EmbeddingConfig(), tmp_path)
        assert (model.folder / "model.safetensors").is_file()
        assert model.sha256 == DEFAULT_SHA256
        model.check_weights()

    def test_none_is_no_model(self, tmp_path: Path) -> None:
        assert describe_model(EmbeddingConfig(model="none"), tmp_path) is None

    def test_a_folder_is_a_model(self, tiny: Tiny, tmp_path: Path) -> None:
        model = described(EmbeddingConfig(model=str(tiny("mean"))), tmp_path)
        assert model.folder == tiny("mean")
        assert model.name == "tiny-mean"

    @pytest.mark.parametrize("name", ["./nowhere", "/nowhere/model", "~/nowhere", "a/b/c", "no such name", ""])
    def test_what_is_no_model_is_refused(self, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(tmp_path)
        with pytest.raises(ModelMissing):
            describe_model(EmbeddingConfig(model=name), tmp_path)

    def test_a_name_that_cannot_be_fetched_says_what_to_do(self, tmp_path: Path) -> None:
        with pytest.raises(ModelMissing, match="ALLMENDE_EMBEDDING_MODEL"):
            describe_model(EmbeddingConfig(model="nobody/no-such-model"), tmp_path)

    def test_a_folder_without_weights_is_refused(self, tmp_path: Path) -> None:
        (tmp_path / "config.json").write_text("{}", encoding="utf-8")
        with pytest.raises(ModelMissing, match=re.escape(str(tmp_path))):
            describe_model(EmbeddingConfig(model=str(tmp_path)), tmp_path)

    def test_a_name_is_found_among_fetched_models(self, tiny: Tiny, tmp_path: Path) -> None:
        fetched = tmp_path / "hub" / "models--somebody--some-model"
        copy(tiny("mean"), fetched / "snapshots" / "abc123")
        (fetched / "refs").mkdir()
        (fetched / "refs" / "main").write_text("abc123", encoding="utf-8")
        script = (
            "import sys; from pathlib import Path; from knowledge.library.embedding.models import *;"
            "model = describe_model(EmbeddingConfig(model='somebody/some-model'), Path(sys.argv[1]));"
            "print(model.name, model.folder.name)"
        )
        run = subprocess.run(
            [sys.executable, "-c", script, str(tmp_path / "models")],
            env={**os.environ, "HF_HUB_CACHE": str(tmp_path / "hub")},
            capture_output=True,
            text=True,
            check=True,
        )
        assert run.stdout.split() == ["some-model", "abc123"]


def folder_with(folder: Path, settings: dict[str, object]) -> EmbeddingConfig:
    """A folder that looks like a model as far as prefixes go."""
    folder.mkdir(exist_ok=True)
    (folder / "model.safetensors").write_bytes(b"weights")
    (folder / "config_sentence_transformers.json").write_text(json.dumps(settings), encoding="utf-8")
    return EmbeddingConfig(model=str(folder))


class TestPrefixes:
    @pytest.mark.parametrize(
        ("name", "settings", "expected"),
        [
            ("plain", {}, ("", "")),
            ("own", {"prompts": {"query": "Q: ", "document": "D: "}}, ("Q: ", "D: ")),
            ("older", {"prompts": {"query": "Q: ", "document": "", "passage": "P: "}}, ("Q: ", "P: ")),
            ("always", {"prompts": {"all": "A: "}, "default_prompt_name": "all"}, ("A: ", "A: ")),
            ("multilingual-e5-small", {"prompts": {"query": "", "document": ""}}, ("query: ", "passage: ")),
            ("e5-base-v2", {"prompts": {"query": "Q: "}}, ("Q: ", "")),
            ("some5-model", {}, ("", "")),
        ],
    )
    def test_they_come_from_the_model(
        self, name: str, settings: dict[str, object], expected: tuple[str, str], tmp_path: Path
    ) -> None:
        model = described(folder_with(tmp_path / name, settings), tmp_path)
        assert (model.query_prefix, model.passage_prefix) == expected

    def test_instructed_models_of_the_family_want_an_instruction(self, tmp_path: Path) -> None:
        model = described(folder_with(tmp_path / "multilingual-e5-large-instruct", {}), tmp_path)
        assert model.query_prefix.startswith("Instruct: ")
        assert model.passage_prefix == ""

    def test_settings_have_the_last_word(self, tmp_path: Path) -> None:
        folder_with(tmp_path / "own", {"prompts": {"query": "Q: ", "document": "D: "}})
        config = EmbeddingConfig(model=str(tmp_path / "own"), query_prefix="", passage_prefix="Text: ")
        model = described(config, tmp_path)
        assert (model.query_prefix, model.passage_prefix) == ("", "Text: ")

    def test_unreadable_files_say_nothing(self, tmp_path: Path) -> None:
        config = folder_with(tmp_path / "broken", {})
        (tmp_path / "broken" / "config_sentence_transformers.json").write_text("{", encoding="utf-8")
        assert described(config, tmp_path).query_prefix == ""


class TestFingerprint:
    @pytest.fixture
    def fingerprint(self, tmp_path: Path) -> Callable[..., str]:
        def of(folder: Path, **settings: str) -> str:
            return described(EmbeddingConfig(model=str(folder), **settings), tmp_path / "models").fingerprint  # type: ignore[arg-type] # settings are texts here

        return of

    def test_it_does_not_depend_on_the_place(self, tiny: Tiny, tmp_path: Path, fingerprint: Callable[..., str]) -> None:
        moved = copy(tiny("mean"), tmp_path / "elsewhere" / "tiny-mean")
        assert fingerprint(moved) == fingerprint(tiny("mean"))

    @pytest.mark.parametrize("name", ["model.safetensors", "1_Pooling/config.json", "tokenizer.json"])
    def test_a_changed_file_is_another_model(
        self, tiny: Tiny, tmp_path: Path, fingerprint: Callable[..., str], name: str
    ) -> None:
        changed = copy(tiny("mean"), tmp_path / "tiny-mean")
        before = fingerprint(changed)
        with (changed / name).open("ab") as stream:
            stream.write(b"\n")
        assert fingerprint(changed) != before

    def test_the_prefix_of_passages_counts_and_that_of_questions_does_not(
        self, tiny: Tiny, fingerprint: Callable[..., str]
    ) -> None:
        plain = fingerprint(tiny("mean"))
        assert fingerprint(tiny("mean"), query_prefix="Q: ") == plain
        assert fingerprint(tiny("mean"), passage_prefix="P: ") != plain

    def test_cards_and_other_formats_do_not_count(
        self, tiny: Tiny, tmp_path: Path, fingerprint: Callable[..., str]
    ) -> None:
        changed = copy(tiny("mean"), tmp_path / "tiny-mean")
        (changed / "README.md").write_text("A model", encoding="utf-8")
        (changed / "onnx").mkdir()
        (changed / "onnx" / "config.json").write_text("{}", encoding="utf-8")
        assert fingerprint(changed) == fingerprint(tiny("mean"))

    def test_big_files_are_read_once(self, tiny: Tiny, tmp_path: Path, fingerprint: Callable[..., str]) -> None:
        first = fingerprint(tiny("mean"))
        memory = tmp_path / "models" / "checksums.json"
        known = json.loads(memory.read_text(encoding="utf-8"))
        assert [Path(key.split("|")[0]).name for key in known] == ["model.safetensors"]
        memory.write_text(json.dumps(dict.fromkeys(known, "remembered")), encoding="utf-8")
        assert fingerprint(tiny("mean")) != first

    def test_a_folder_that_cannot_be_written_only_costs_time(self, tiny: Tiny, tmp_path: Path) -> None:
        (tmp_path / "file").write_text("no folder", encoding="utf-8")
        config = EmbeddingConfig(model=str(tiny("mean")))
        models = [described(config, tmp_path / "file" / "models") for _ in range(2)]
        assert models[0].fingerprint == models[1].fingerprint
