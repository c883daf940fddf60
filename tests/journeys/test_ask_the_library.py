"""A newcomer's story through the command line: bring texts in, ask, see where it stands, take it back."""

import json
from pathlib import Path
from typing import Any

import pytest

from bench.datasets import SAMPLES, read_sample_questions
from bench.quality import measure_samples
from bench.runs import Library
from tests.hub.shell import WarmLibrary

CLINIC = """# Videosprechstunde im Rathaus Ahornfelde

Seit März 2025 bietet die Wohngeldstelle in Ahornfelde eine Videosprechstunde an. Termine bucht man im Netz.

## Kosten

Die Einrichtung hat 1.840 Euro gekostet. Im Monat fallen 39 Euro für die Lizenz an.

## Ergebnis

Jeder vierte Termin findet inzwischen als Videosprechstunde statt. Vor allem Berufstätige nutzen sie.
"""


@pytest.fixture
def library(tmp_path: Path) -> Library:
    """An empty library that works with words alone, which is quick."""
    return WarmLibrary(tmp_path / "data", {"ALLMENDE_EMBEDDING_MODEL": "none"})


@pytest.fixture(scope="module")
def sample_library(tmp_path_factory: pytest.TempPathFactory, prepared_models: Path) -> Library:
    """The sample library with the default model, as a newcomer has it after the demo."""
    settings = {"ALLMENDE_MODELS_DIR": str(prepared_models)}
    library = WarmLibrary(tmp_path_factory.mktemp("samples") / "data", settings)
    library.run("add", str(SAMPLES / "library"), "--visibility", "public")
    return library


@pytest.fixture
def clinic(tmp_path: Path) -> Path:
    """A short report of an invented municipality."""
    file = tmp_path / "videosprechstunde.md"
    file.write_text(CLINIC, encoding="utf-8")
    return file


def ask(library: Library, question: str, *options: str) -> dict[str, Any]:
    """Ask and return the JSON answer."""
    answer: dict[str, Any] = json.loads(library.run("ask", question, "--json", *options).stdout)
    return answer


class TestAnswering:
    def test_a_clerk_gets_a_quotation_with_its_source(self, library: Library, clinic: Path) -> None:
        library.add(clinic)
        answer = ask(library, "Was hat die Einrichtung der Videosprechstunde gekostet?")
        assert answer["answered"]
        assert "1.840 Euro" in answer["citations"][0]["quote"]
        assert answer["citations"][0]["source"] == "videosprechstunde.md"
        assert answer["citations"][0]["title"] == "Videosprechstunde im Rathaus Ahornfelde"
        assert answer["citations"][0]["locator"]

    def test_the_contract_of_the_json_answer(self, library: Library, clinic: Path) -> None:
        library.add(clinic)
        answer = ask(library, "Was kostet die Videosprechstunde im Monat?")
        keys = ["answered", "confidence", "text", "citations", "suggestions", "answer_id", "took_ms"]
        assert list(answer) == keys
        citation = (
            "document title source url locator quote score kind publisher organisation year licence visibility notes "
            "facts path"
        )
        assert list(answer["citations"][0]) == citation.split()

    def test_what_nobody_wrote_is_not_answered(self, library: Library, clinic: Path) -> None:
        library.add(clinic)
        answer = ask(library, "Wie hoch ist der Hebesatz der Gewerbesteuer in Potsdam?")
        assert not answer["answered"]
        assert answer["citations"] == []

    def test_an_empty_library_says_so_politely(self, library: Library) -> None:
        done = library.run("ask", "Wie geht das?")
        assert done.returncode == 0
        assert "Bibliothek" in done.stdout

    def test_a_later_reader_sees_everything_behind_an_answer(self, library: Library, clinic: Path) -> None:
        library.add(clinic)
        question = "Was hat die Einrichtung der Videosprechstunde gekostet?"
        answer = ask(library, question)
        trace = json.loads(library.run("trace", answer["answer_id"][:8], "--json").stdout)
        assert trace["query"] == question
        assert trace["confidence"] == pytest.approx(answer["confidence"], abs=1e-3)
        assert trace["passages"][0]["source"] == "videosprechstunde.md"
        assert trace["shown"][0]["quote"] == answer["citations"][0]["quote"]
        assert "videosprechstunde.md" in library.run("trace", answer["answer_id"]).stdout


class TestChanging:
    def test_the_same_file_again_changes_nothing(self, library: Library, clinic: Path) -> None:
        library.add(clinic)
        again = json.loads(library.run("add", str(clinic), "--json").stdout)
        assert (again["result"], again["version"]) == ("unchanged", 1)

    def test_a_changed_file_answers_anew(self, library: Library, clinic: Path) -> None:
        library.add(clinic)
        clinic.write_text(CLINIC.replace("1.840", "2.150"), encoding="utf-8")
        changed = json.loads(library.run("add", str(clinic), "--json").stdout)
        assert (changed["result"], changed["version"]) == ("new_version", 2)
        answer = ask(library, "Was hat die Einrichtung der Videosprechstunde gekostet?")
        assert "2.150 Euro" in answer["text"]
        assert "1.840" not in answer["text"]

    def test_withdrawn_is_gone_and_restored_is_back(self, library: Library, clinic: Path) -> None:
        library.add(clinic)
        question = "Was hat die Einrichtung der Videosprechstunde gekostet?"
        library.run("documents", "withdraw", "videosprechstunde.md")
        gone = ask(library, question)
        assert not gone["answered"]
        assert gone["suggestions"] == []
        library.run("documents", "restore", "videosprechstunde.md")
        assert ask(library, question)["answered"]


class TestWhoMayFindWhat:
    @pytest.fixture(scope="class")
    @classmethod
    def houses(cls, tmp_path_factory: pytest.TempPathFactory) -> Library:
        """Two houses; the report belongs to the first and is for it alone."""
        folder = tmp_path_factory.mktemp("houses")
        library = WarmLibrary(folder / "data", {"ALLMENDE_EMBEDDING_MODEL": "none"})
        clinic = folder / "videosprechstunde.md"
        clinic.write_text(CLINIC, encoding="utf-8")
        for key in ("ahornfelde", "birkenau-beispiel"):
            library.run("organisations", "add", f"Gemeinde {key} (Beispiel)", "--key", key)
        library.run("member", "add", "Ada Ahorn", "--organisation", "ahornfelde")
        library.run("member", "add", "Bo Birke", "--organisation", "birkenau-beispiel")
        library.run("add", str(clinic), "--visibility", "house", "--organisation", "ahornfelde")
        return library

    @pytest.mark.parametrize(
        ("options", "finds"),
        [
            (("--as", "Ada Ahorn"), True),
            (("--as", "Bo Birke"), False),
            ((), False),
            (("--visibility", "public"), False),
        ],
    )
    def test_what_is_for_one_house_stays_there(self, houses: Library, options: tuple[str, ...], finds: bool) -> None:
        answer = ask(houses, "Was hat die Einrichtung der Videosprechstunde gekostet?", *options)
        assert answer["answered"] is finds
        assert bool(answer["citations"] + answer["suggestions"]) is finds

    def test_a_house_needs_its_organisation(self, library: Library, clinic: Path) -> None:
        done = library.run("add", str(clinic), "--visibility", "house", check=False)
        assert done.returncode == 2
        assert "--organisation" in done.stderr


class TestSearching:
    def test_one_line_for_each_line_in_order(self, library: Library, clinic: Path) -> None:
        library.add(clinic)
        queries = ["Kosten", "", "Berufstätige", "🙂", "x" * 30_000, "a"]
        replies = library.search(queries)
        assert [reply["query"] for reply in replies] == queries
        assert ["error" in reply for reply in replies] == [False, True, False, False, True, False]
        assert replies[2]["results"][0]["source"] == "videosprechstunde.md"

    def test_confidence_is_the_same_as_in_ask(self, library: Library, clinic: Path) -> None:
        library.add(clinic)
        question = "Wer nutzt die Videosprechstunde?"
        assert library.search([question])[0]["confidence"] == ask(library, question)["confidence"]

    def test_the_limit_counts_passages(self, library: Library, clinic: Path) -> None:
        library.add(clinic)
        assert len(library.search(["Videosprechstunde"], limit=1)[0]["results"]) == 1
        assert library.run("search", "--limit", "0", text="x\n", check=False).returncode == 2


class TestSpeaking:
    def test_german_by_default_and_english_where_wanted(self, library: Library) -> None:
        german = library.run("ask", "Warum?").stdout
        english = (
            WarmLibrary(library.folder, {**library.settings, "ALLMENDE_LANGUAGE": "en"}).run("ask", "Warum?").stdout
        )
        assert "Bibliothek" in german
        assert "library" in english

    def test_utf8_under_any_locale(self, library: Library, clinic: Path) -> None:
        plain = WarmLibrary(library.folder, {**library.settings, "LC_ALL": "C", "PYTHONUTF8": "0"})
        plain.add(clinic)
        printed = plain.run("ask", "Was hat die Einrichtung der Videosprechstunde gekostet?").stdout
        assert "„Die Einrichtung hat 1.840 Euro gekostet." in printed


class TestChat:
    def test_a_conversation_in_the_terminal(self, library: Library, clinic: Path) -> None:
        library.add(clinic)
        said = "/hilfe\nWas hat die Einrichtung der Videosprechstunde gekostet?\n/unbekannt\n/ende\n"
        done = library.run("chat", text=said)
        assert "1.840 Euro" in done.stdout
        assert "/help" in done.stdout or "/hilfe" in done.stdout
        assert done.returncode == 0


class TestSampleLibrary:
    def test_it_is_a_library_to_begin_with(self, sample_library: Library) -> None:
        documents = [json.loads(line) for line in sample_library.run("documents", "list", "--json").stdout.splitlines()]
        assert len(documents) >= 40
        assert {document["kind"] for document in documents} >= {"experience", "training", "literature"}

    def test_a_question_in_other_words_finds_the_experience(self, sample_library: Library) -> None:
        answer = ask(
            sample_library, "Hat jemand Erfahrung damit, Straßenschäden automatisch mit einer Kamera zu erfassen?"
        )
        assert answer["answered"]
        assert answer["citations"][0]["source"] == "erfahrungen/strassenzustand-kamera.md"

    def test_its_own_questions_find_their_documents(
        self, sample_library: Library, prepared_models: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("ALLMENDE_MODELS_DIR", str(prepared_models))
        questions = read_sample_questions()
        assert len(questions) >= 100
        figures = measure_samples(sample_library, questions)
        assert figures.right_first >= 0.88, figures.mistakes
        assert figures.abstained >= 0.90, figures.mistakes
