"""The measurement of the API runs and counts what it should, in its short form.

No test looks at how long anything took: that is for a quiet machine.
"""

import shutil
from pathlib import Path

from bench.api_load import Searching, measure, prepare, rows_of
from bench.filling import WORDS_ALONE, Shape, read_settings
from bench.runs import Library
from knowledge.kit.database import Database


class TestApiLoad:
    def test_programs_search_through_two_processes_and_find_something(
        self, tmp_path: Path, sqlite_template: Path
    ) -> None:
        library = Library(tmp_path / "data", WORDS_ALONE)
        library.folder.mkdir()
        file = Database(read_settings(library).database_url).path
        assert file is not None
        shutil.copyfile(sqlite_template, file)

        token = prepare(library, Shape(60, per_document=20), vectors=False)
        outcome = measure(library, token, searching=Searching(clients=4, seconds=2.0, warm_up=0.0, least=3))

        assert outcome.errors == []
        assert outcome.found >= 4
        assert len(outcome.hubs) == 2
        assert rows_of("words", outcome)[1:3] == [str(len(outcome.taken)), "0"]
