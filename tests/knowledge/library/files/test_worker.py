"""The worker alone."""

import subprocess
import sys
from pathlib import Path

from knowledge.library.files.limits import ReadLimits
from knowledge.library.files.worker import answer

ROOT = Path(__file__).resolve().parents[4]
HEAVY = ("chromadb", "torch", "sqlalchemy", "tantivy", "numpy", "docx", "pypdfium2", "openpyxl")


class TestAnswer:
    def test_reports_errors_as_data(self, tmp_path: Path) -> None:
        reply = answer(tmp_path / "fehlt.txt", ReadLimits())

        assert reply["error"] == "file.missing"

    def test_names_the_line_of_code_and_not_the_text_where_a_parser_fails(self, tmp_path: Path) -> None:
        (tmp_path / "a.md").write_text("Geheimer Satz.", encoding="utf-8")
        reply = answer(tmp_path / "a.md", ReadLimits(characters=None))  # type: ignore[arg-type]  # to make it fail

        assert reply["error"] == "file.damaged"
        assert "TypeError at parse.py" in str(reply["detail"])
        assert "Geheim" not in str(reply)


class TestWeight:
    def test_nothing_heavy_is_imported_before_it_is_needed(self) -> None:
        script = f"import knowledge.library.files.worker, sys; print([m for m in {HEAVY} if m in sys.modules])"
        done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)

        assert done.stdout.strip() == "[]"
