"""The words index on disk: what is found, what is not, and what happens when its files suffer."""

import json
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from knowledge.library.indexes.queries import Expansion, WordsQuery
from knowledge.library.indexes.schemas import IndexedPassage
from knowledge.library.indexes.words import (
    FORMAT_FILE,
    WordsIndex,
    WordsIndexBusy,
    WordsIndexDamaged,
    WordsIndexOutdated,
    WordsIndexUnwritable,
)

HOUSE = "house:" + "a" * 32


def passage(
    number: int, text: str, *, document: str = "", access: str = "public", title: str = "", heading: str = ""
) -> IndexedPassage:
    headings = (heading,) if heading else ()
    return IndexedPassage(number, document or f"{number:032x}", access, text, title, headings)


SMALL_LIBRARY = [
    passage(1, "Die Hundesteuer beträgt 60 Euro im Jahr für den ersten Hund."),
    passage(2, "Für die Erfassung des Straßenzustands fährt ein Auto mit Kamera durch alle Straßen."),
    passage(3, "Der Chatbot auf der Website beantwortet Fragen zu Gebühren.", access="network"),
    passage(4, "Der Oberbürgermeister eröffnet das neue Schulgebäude.", access=HOUSE),
    passage(5, "Das Onlinezugangsgesetz verpflichtet Bund, Länder und Kommunen.", title="Digitale Verwaltung"),
]


@pytest.fixture
def index(tmp_path: Path) -> Iterator[WordsIndex]:
    with WordsIndex.open(tmp_path / "words") as opened:
        opened.add(SMALL_LIBRARY)
        opened.commit()
        yield opened


def found(index: WordsIndex, query: WordsQuery | str, *, access: frozenset[str] | None = None) -> list[int]:
    return [hit.id for hit in index.search(query, limit=10, access=access)]


class TestIndexedAgain:
    def test_words_that_all_passages_have_are_found_whatever_was_removed(self, tmp_path: Path) -> None:
        every = [passage(number, f"Bäume am Weg {number}") for number in (1, 2)]
        with WordsIndex.open(tmp_path / "again") as index:
            index.add(every)
            index.commit()
            index.delete_documents([every[0].document])
            index.add(every[:1])
            index.commit()
            assert found(index, "Bäume") == [1, 2]
            assert index.document_frequencies(["baum"])["baum"] <= index.count()


class TestFinding:
    def test_the_passage_with_the_words_comes_first(self, index: WordsIndex) -> None:
        assert found(index, "Wie hoch ist die Hundesteuer?")[0] == 1

    def test_scores_go_down(self, index: WordsIndex) -> None:
        scores = [hit.score for hit in index.search("Straßen und Hunde im Jahr", limit=10)]
        assert len(scores) >= 2
        assert scores == sorted(scores, reverse=True)
        assert scores[-1] > 0

    def test_a_compound_finds_its_parts(self, index: WordsIndex) -> None:
        assert found(index, "Straßenzustandserfassung") == [2]

    def test_a_part_finds_the_compound(self, index: WordsIndex) -> None:
        assert found(index, "Schule")[0] == 4

    def test_typed_without_umlauts(self, index: WordsIndex) -> None:
        assert found(index, "Gebuehren") == [3]

    def test_title_counts(self, index: WordsIndex) -> None:
        assert found(index, "digitale Verwaltung")[0] == 5

    def test_headings_count(self, tmp_path: Path) -> None:
        with WordsIndex.open(tmp_path / "w") as index:
            index.add([passage(7, "Das kostet 100 Euro.", heading="Reisepass"), passage(8, "Das kostet 30 Euro.")])
            index.commit()
            assert found(index, "Reisepass") == [7]

    def test_limit_is_kept(self, index: WordsIndex) -> None:
        assert len(index.search("Straßen Hund Chatbot Schule Kommunen", limit=2)) == 2

    @pytest.mark.parametrize("query", ["", "   ", "und der die", "?", "🙂", "q", "Xylophonkonzert"])
    def test_nothing_is_found_where_nothing_fits(self, index: WordsIndex, query: str) -> None:
        assert index.search(query, limit=10) == []

    def test_an_empty_index_finds_nothing(self, tmp_path: Path) -> None:
        with WordsIndex.open(tmp_path / "empty") as index:
            assert index.count() == 0
            assert index.search("Hundesteuer", limit=10) == []

    def test_query_syntax_is_only_text(self, index: WordsIndex) -> None:
        assert found(index, 'stems:"Hundesteuer" AND (NOT *~^[') == [1]

    def test_a_very_long_query_is_fast_and_still_finds(self, index: WordsIndex) -> None:
        query = " ".join(f"wort{number}" for number in range(2_500)) + " Hundesteuer"
        short = "Hundesteuer " + query[: 20_000 - 12]
        began = time.perf_counter()
        assert found(index, short)[0] == 1
        assert time.perf_counter() - began < 0.5

    def test_document_frequencies_count_passages(self, index: WordsIndex) -> None:
        assert index.document_frequencies(["hundesteu", "fehlt"]) == {"hundesteu": 1, "fehlt": 0}


class TestOtherWords:
    def test_an_abbreviation_finds_what_it_stands_for(self, index: WordsIndex) -> None:
        assert found(index, "OZG") == []
        expansion = Expansion(("Onlinezugangsgesetz",), 0.8, "OZG")
        assert found(index, WordsQuery("OZG", (expansion,))) == [5]

    def test_the_persons_own_word_goes_before_a_synonym(self, index: WordsIndex) -> None:
        expansion = Expansion(("Chatbot",), 0.8, "Hundesteuer")
        assert found(index, WordsQuery("Hundesteuer", (expansion,)))[:2] == [1, 3]


class TestAccess:
    def test_only_allowed_passages_are_found(self, index: WordsIndex) -> None:
        query = "Hundesteuer Chatbot Schulgebäude"
        assert set(found(index, query)) == {1, 3, 4}
        assert set(found(index, query, access=frozenset({"public"}))) == {1}
        assert set(found(index, query, access=frozenset({"public", HOUSE}))) == {1, 4}

    def test_nothing_is_allowed_by_an_empty_set(self, index: WordsIndex) -> None:
        assert found(index, "Hundesteuer", access=frozenset()) == []

    def test_the_filter_does_not_change_scores(self, index: WordsIndex) -> None:
        free = index.search("Hundesteuer", limit=1)
        assert free
        assert index.search("Hundesteuer", limit=1, access=frozenset({"public"})) == pytest.approx(free)


class TestChanges:
    def test_adding_a_document_again_replaces_it(self, index: WordsIndex) -> None:
        index.add([passage(1, "Die Hundesteuer wurde abgeschafft.")])
        index.commit()
        assert index.count() == len(SMALL_LIBRARY)
        assert found(index, "60 Euro im Jahr") == []
        assert found(index, "abgeschafft") == [1]

    def test_a_document_may_come_in_several_batches(self, index: WordsIndex) -> None:
        index.add([passage(11, "Erster Teil über Friedhöfe.", document="f" * 32)])
        index.add([passage(12, "Zweiter Teil über Friedhöfe.", document="f" * 32)])
        index.commit()
        assert set(found(index, "Friedhof")) == {11, 12}

    def test_a_deleted_document_is_gone(self, index: WordsIndex) -> None:
        index.delete_documents([SMALL_LIBRARY[0].document])
        index.commit()
        assert found(index, "Hundesteuer") == []
        assert index.count() == len(SMALL_LIBRARY) - 1

    def test_what_was_not_committed_is_forgotten(self, tmp_path: Path) -> None:
        with WordsIndex.open(tmp_path / "w") as index:
            index.add(SMALL_LIBRARY[:1])
        with WordsIndex.open(tmp_path / "w") as index:
            assert index.count() == 0

    def test_clear_empties_it_and_it_can_be_filled_again(self, index: WordsIndex) -> None:
        index.clear()
        assert index.count() == 0
        index.add(SMALL_LIBRARY)
        index.commit()
        assert found(index, "Hundesteuer") == [1]


class TestUnwritable:
    def test_a_failed_commit_says_so_and_the_next_attempt_works(self, tmp_path: Path) -> None:
        folder, aside = tmp_path / "w", tmp_path / "aside"
        with WordsIndex.open(folder) as index:
            index.add(SMALL_LIBRARY[:1])
            index.commit()
            index.add(SMALL_LIBRARY)
            folder.rename(aside)
            with pytest.raises(WordsIndexUnwritable):
                index.commit()
            aside.rename(folder)
            index.add(SMALL_LIBRARY)
            index.commit()
            assert index.count() == len(SMALL_LIBRARY)


class TestReopening:
    def test_everything_is_still_there(self, tmp_path: Path) -> None:
        with WordsIndex.open(tmp_path / "w") as index:
            assert index.created
            index.add(SMALL_LIBRARY)
            index.commit()
        with WordsIndex.open(tmp_path / "w") as index:
            assert not index.created
            assert index.count() == len(SMALL_LIBRARY)
            assert found(index, "Gebühren") == [3]

    def test_a_second_writer_is_turned_away(self, index: WordsIndex, tmp_path: Path) -> None:
        other = WordsIndex.open(tmp_path / "words")
        assert found(other, "Hundesteuer") == [1]
        with pytest.raises(WordsIndexBusy):
            other.add(SMALL_LIBRARY)

    def test_a_reader_sees_a_commit_after_reload(self, index: WordsIndex, tmp_path: Path) -> None:
        reader = WordsIndex.open(tmp_path / "words")
        index.add([passage(9, "Die Feuerwehr übt.")])
        index.commit()
        assert found(reader, "Feuerwehr") == []
        reader.reload()
        assert found(reader, "Feuerwehr") == [9]

    def test_the_lock_is_free_after_close(self, tmp_path: Path) -> None:
        first = WordsIndex.open(tmp_path / "w")
        first.add(SMALL_LIBRARY)
        first.commit()
        first.close()
        with WordsIndex.open(tmp_path / "w") as second:
            second.add([passage(9, "Die Feuerwehr übt.")])
            second.commit()
            assert second.count() == len(SMALL_LIBRARY) + 1


def closed_index(folder: Path) -> Path:
    with WordsIndex.open(folder) as index:
        index.add(SMALL_LIBRARY)
        index.commit()
        index.delete_documents([SMALL_LIBRARY[0].document])
        index.commit()
    return folder


def segment_files(folder: Path) -> list[Path]:
    files = [file for file in folder.iterdir() if len(file.name.split(".")[0]) == 32]
    assert len(files) >= 6
    return files


class TestDamage:
    def test_every_missing_file_is_noticed(self, tmp_path: Path) -> None:
        whole = closed_index(tmp_path / "whole")
        for file in [*segment_files(whole), whole / "meta.json", whole / FORMAT_FILE]:
            copy = shutil.copytree(whole, tmp_path / "copy", dirs_exist_ok=True)
            (copy / file.name).unlink()
            with pytest.raises(WordsIndexDamaged):
                WordsIndex.open(copy)
            shutil.rmtree(copy)

    def test_every_changed_byte_is_noticed(self, tmp_path: Path) -> None:
        whole = closed_index(tmp_path / "whole")
        for file in segment_files(whole):
            copy = shutil.copytree(whole, tmp_path / "copy")
            data = bytearray((copy / file.name).read_bytes())
            data[0] ^= 0xFF
            (copy / file.name).write_bytes(data)
            with pytest.raises(WordsIndexDamaged):
                WordsIndex.open(copy)
            shutil.rmtree(copy)

    @pytest.mark.parametrize("kept", [0, 5, 40])
    def test_every_truncated_file_is_noticed(self, tmp_path: Path, kept: int) -> None:
        whole = closed_index(tmp_path / "whole")
        for file in segment_files(whole):
            copy = shutil.copytree(whole, tmp_path / "copy")
            (copy / file.name).write_bytes((copy / file.name).read_bytes()[:kept])
            with pytest.raises(WordsIndexDamaged):
                WordsIndex.open(copy)
            shutil.rmtree(copy)

    def test_nonsense_in_the_list_of_segments_is_noticed(self, tmp_path: Path) -> None:
        folder = closed_index(tmp_path / "w")
        for nonsense in ("", "[]", "{", '{"segments": [1]}'):
            (folder / "meta.json").write_text(nonsense)
            with pytest.raises(WordsIndexDamaged):
                WordsIndex.open(folder)

    def test_a_damaged_index_is_made_anew(self, tmp_path: Path) -> None:
        folder = closed_index(tmp_path / "w")
        (folder / "meta.json").write_text("{")
        with WordsIndex.create(folder) as index:
            index.add(SMALL_LIBRARY)
            index.commit()
            assert found(index, "Hundesteuer") == [1]

    def test_another_version_of_the_analysis_asks_for_rebuilding(self, tmp_path: Path) -> None:
        folder = closed_index(tmp_path / "w")
        (folder / FORMAT_FILE).write_text(json.dumps({"layout": 1, "analysis": "of yesterday"}))
        with pytest.raises(WordsIndexOutdated):
            WordsIndex.open(folder)

    def test_an_untouched_index_opens(self, tmp_path: Path) -> None:
        with WordsIndex.open(closed_index(tmp_path / "w")) as index:
            assert index.count() == len(SMALL_LIBRARY) - 1
