"""Rules of the project that no ready-made linter knows.

Each rule is a function from a parsed file to what is wrong in it. It is run over the project, and over a snippet that
breaks it and one that does not, so that a rule that has gone blind is noticed.
"""

import ast
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path, PurePosixPath

import pytest

PROJECT = Path(__file__).resolve().parent.parent
FLOORS = ("knowledge", "hub", "bot")
CHECKED = (*FLOORS, "bench", "tests", "migrations")

STATEMENTS = {"select", "insert", "update", "delete", "text"}
SQL_FOLDERS = ("knowledge/kit", "knowledge/models", "knowledge/operations")
MAY_COMMIT = {
    "knowledge/kit/unit_of_work.py",
    "knowledge/kit/migrations.py",
    # What the unit of work commits by.
    "knowledge/kit/sqlite.py",
    # Ends a session inside a transaction that goes on.
    "knowledge/operations/restore.py",
}
# The library owns all of these; the same goes for what they pull in.
SEARCH_LIBRARIES = {"chromadb", "tantivy", "sentence_transformers", "transformers", "torch", "onnx", "onnxruntime"}
CHAT_LIBRARIES = {"telegram": "bot/telegram", "nio": "bot/matrix"}
LOOKED_AT = (
    ast.Import,
    ast.ImportFrom,
    ast.Attribute,
    ast.Await,
    ast.FunctionDef,
    ast.AsyncFunctionDef,
    ast.JoinedStr,
)
LONGEST_FILE = 500
LONGEST_FUNCTION = 60
# A command must be there at once; these are loaded when they are needed.
SLOW_TO_LOAD = SEARCH_LIBRARIES | {"alembic", "docx", "openpyxl", "pptx", "pygal", "pypdfium2", "scipy", "sklearn"}


@dataclass(frozen=True, slots=True)
class Source:
    """A Python file of the project: its path from the project's folder, its text, and what in it rules look at."""

    path: PurePosixPath
    text: str
    nodes: tuple[ast.AST, ...]

    def is_in(self, folder: str) -> bool:
        """Whether the file lies in ``folder`` or below."""
        return self.path.is_relative_to(folder)


def parsed(path: str, text: str) -> Source:
    return Source(PurePosixPath(path), text, tuple(n for n in ast.walk(ast.parse(text)) if isinstance(n, LOOKED_AT)))


def sources(*folders: str) -> list[Source]:
    """Return all files of some folders; no folder may be missing or empty."""
    return [source for folder in folders for source in _sources(folder)]


@cache
def _sources(folder: str) -> tuple[Source, ...]:
    files = sorted((PROJECT / folder).rglob("*.py"))
    assert files, f"nothing to look at in {folder}"
    return tuple(parsed(file.relative_to(PROJECT).as_posix(), file.read_text("utf-8")) for file in files)


def imports(source: Source) -> Iterator[tuple[str, int]]:
    """Give each module that a file imports (and each name, as it may be one), anywhere in it, with the line."""
    for node in source.nodes:
        if isinstance(node, ast.Import):
            yield from ((name.name, node.lineno) for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module, node.lineno
            yield from ((f"{node.module}.{name.name}", node.lineno) for name in node.names)


def statement_names(source: Source) -> Iterator[tuple[str, int]]:
    """Give each of SQLAlchemy's statement builders that a file gets hold of, by either way of importing it."""
    aliases = {"sqlalchemy"}
    for node in source.nodes:
        if isinstance(node, ast.Import):
            aliases |= {name.asname or name.name for name in node.names if name.name.startswith("sqlalchemy")}
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("sqlalchemy"):
            yield from ((name.name, node.lineno) for name in node.names if name.name in STATEMENTS)
    for node in source.nodes:
        if isinstance(node, ast.Attribute) and node.attr in STATEMENTS and ast.unparse(node.value) in aliases:
            yield node.attr, node.lineno


def sql_outside_repositories(source: Source) -> Iterator[str]:
    """Only repositories build SQL statements; tables, and what looks after the database itself, speak it too."""
    if source.path.name == "repository.py" or any(map(source.is_in, SQL_FOLDERS)):
        return
    for name, line in statement_names(source):
        yield f"line {line}: {name}() belongs into a repository.py"


def search_library_outside_library(source: Source) -> Iterator[str]:
    """Only ``knowledge/library`` knows what it searches with."""
    if source.is_in("knowledge/library"):
        return
    for module, line in imports(source):
        if module.partition(".")[0] in SEARCH_LIBRARIES:
            yield f"line {line}: {module} is for knowledge/library alone"


def chat_library_outside_adapter(source: Source) -> Iterator[str]:
    """Only its adapter knows a chat's own types."""
    for module, line in imports(source):
        home = CHAT_LIBRARIES.get(module.partition(".")[0])
        if home is not None and not source.is_in(home):
            yield f"line {line}: {module} is for {home} alone"


def commit_inside(source: Source) -> Iterator[str]:
    """Transactions are committed at the edge, by the unit of work."""
    if str(source.path) in MAY_COMMIT:
        return
    for node in source.nodes:
        if isinstance(node, ast.Await) and isinstance(node.value, ast.Call):
            called = node.value.func
            if isinstance(called, ast.Attribute) and called.attr == "commit":
                yield f"line {node.lineno}: the unit of work commits, nobody else"


def mock(source: Source) -> Iterator[str]:
    """Tests use the real parts."""
    for module, line in imports(source):
        if module in ("mock", "unittest.mock", "pytest_mock"):
            yield f"line {line}: {module}; use the real part, or a small real one"


def long_file(source: Source) -> Iterator[str]:
    """No file is too long to be read; migrations list what they do and may be."""
    if source.is_in("migrations/versions"):
        return
    length = len(source.text.splitlines())
    if length > LONGEST_FILE:
        yield f"{length} lines, more than {LONGEST_FILE}"


def long_function(source: Source) -> Iterator[str]:
    """No function is too long to be read; migrations list what they do and may be."""
    if source.is_in("migrations/versions"):
        return
    for node in source.nodes:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            if length > LONGEST_FUNCTION:
                yield f"line {node.lineno}: {node.name} has {length} lines, more than {LONGEST_FUNCTION}"


Snippet = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule, where it holds, and snippets that break and keep it, as path and text."""

    finds: Callable[[Source], Iterator[str]]
    folders: tuple[str, ...]
    broken: tuple[Snippet, ...]
    kept: tuple[Snippet, ...]


SELECT = "from sqlalchemy import select\n"
ALIASED = "import sqlalchemy as sa\nquery = sa.select(1)\n"
NO_STATEMENT = "values = set()\nvalues.update()\n"
IMPORT_INSIDE = "def load():\n    import chromadb.config\n"
COMMIT = "async def store(session):\n    await session.commit()\n"
RULES = [
    Rule(
        sql_outside_repositories,
        FLOORS,
        broken=(("knowledge/x/service.py", SELECT), ("hub/pages.py", ALIASED)),
        kept=(("knowledge/x/repository.py", SELECT), ("hub/pages.py", NO_STATEMENT)),
    ),
    Rule(
        search_library_outside_library,
        FLOORS,
        broken=(("knowledge/kit/x.py", IMPORT_INSIDE), ("bot/x.py", "from torch.nn import Linear\n")),
        kept=(("knowledge/library/indexes/x.py", IMPORT_INSIDE),),
    ),
    Rule(
        chat_library_outside_adapter,
        FLOORS,
        broken=(("bot/core/x.py", "from nio import Room\n"), ("bot/matrix/x.py", "import telegram\n")),
        kept=(("bot/matrix/x.py", "import nio\n"),),
    ),
    Rule(
        commit_inside,
        FLOORS,
        broken=(("knowledge/x/service.py", COMMIT), ("hub/x.py", COMMIT)),
        kept=(("knowledge/kit/unit_of_work.py", COMMIT), ("knowledge/library/indexes/x.py", "writer.commit()\n")),
    ),
    Rule(
        mock,
        CHECKED,
        broken=(("tests/x.py", "from unittest.mock import patch\n"), ("tests/x.py", "from unittest import mock\n")),
        kept=(("tests/x.py", "from unittest import TestCase\n"),),
    ),
    Rule(long_file, CHECKED, broken=(("hub/x.py", "x = 1\n" * 501),), kept=(("hub/x.py", "x = 1\n" * 500),)),
    Rule(
        long_function,
        CHECKED,
        broken=(("hub/x.py", "def f():\n" + "    x = 1\n" * 60), ("hub/x.py", "async def f():\n" + "    x = 1\n" * 60)),
        kept=(("hub/x.py", "def f():\n" + "    x = 1\n" * 59),),
    ),
]
each_rule = pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.finds.__name__)


class TestRules:
    @each_rule
    def test_rule_finds_what_breaks_it(self, rule: Rule) -> None:
        assert rule.broken
        assert all(list(rule.finds(parsed(*snippet))) for snippet in rule.broken)

    @each_rule
    def test_rule_lets_pass_what_keeps_it(self, rule: Rule) -> None:
        assert rule.kept
        assert not any(list(rule.finds(parsed(*snippet))) for snippet in rule.kept)

    def test_missing_folder_is_not_a_clean_one(self) -> None:
        with pytest.raises(AssertionError, match="nothing to look at"):
            sources("no such folder")


class TestProject:
    @each_rule
    def test_project_keeps_the_rule(self, rule: Rule) -> None:
        looked_at = sources(*rule.folders)
        assert len(looked_at) >= len(rule.folders)
        assert [f"{source.path}: {fault}" for source in looked_at for fault in rule.finds(source)] == []

    def test_every_folder_with_code_is_a_package(self) -> None:
        folders = {(PROJECT / source.path).parent for source in sources(*FLOORS, "bench")}
        assert len(folders) > len(FLOORS)
        assert [str(folder) for folder in folders if not (folder / "__init__.py").is_file()] == []


# Imports what it is told, and reports which modules are loaded afterwards and what else has happened.
IMPORTER = """
import importlib, json, sys, threading
deeds = []
watched = ("socket.connect", "socket.getaddrinfo", "sqlite3.connect", "subprocess.Popen", "os.fork")
sys.addaudithook(lambda event, arguments: deeds.append(event) if event in watched else None)
for name in json.loads(sys.argv[1]):
    before = len(deeds), threading.active_count()
    importlib.import_module(name)
    if before != (len(deeds), threading.active_count()):
        deeds.append(f"while importing {name}")
json.dump({"modules": sorted(sys.modules), "deeds": deeds}, sys.stdout)
"""


@dataclass(frozen=True, slots=True)
class Imported:
    """What importing some modules in a fresh process has led to."""

    modules: frozenset[str]
    deeds: tuple[str, ...]


def import_afresh(names: list[str], *, folder: Path = PROJECT) -> Imported:
    command = [sys.executable, "-W", "ignore", "-c", IMPORTER, json.dumps(names)]
    result = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    report = json.loads(result.stdout)
    return Imported(frozenset(report["modules"]), tuple(report["deeds"]))


def module_names(*folders: str) -> list[str]:
    """Return the names of all modules but the programs."""
    paths = [source.path for source in sources(*folders) if source.path.name != "__main__.py"]
    return [".".join(path.parent.parts if path.stem == "__init__" else path.with_suffix("").parts) for path in paths]


class TestImporting:
    def test_importing_does_nothing(self) -> None:
        imported = import_afresh(module_names(*FLOORS))
        assert {"knowledge.kit.database", "hub.cli.main", "bot"} <= imported.modules
        assert imported.deeds == ()

    def test_starting_the_command_line_loads_nothing_slow(self) -> None:
        loaded = import_afresh(["hub.cli.main"]).modules
        assert "hub.cli.main" in loaded
        assert loaded & SLOW_TO_LOAD == set()

    @pytest.mark.parametrize(
        "deed",
        [
            "import sqlite3\nsqlite3.connect(':memory:')\n",
            "import threading, time\nthreading.Thread(target=time.sleep, args=(1,)).start()\n",
        ],
        ids=["database", "thread"],
    )
    def test_deed_would_be_noticed(self, deed: str, tmp_path: Path) -> None:
        (tmp_path / "busy.py").write_text(deed, "utf-8")
        assert "while importing busy" in import_afresh(["busy"], folder=tmp_path).deeds

    def test_slow_library_would_be_noticed(self, tmp_path: Path) -> None:
        (tmp_path / "slow.py").write_text("import alembic\n", "utf-8")
        assert import_afresh(["slow"], folder=tmp_path).modules & SLOW_TO_LOAD == {"alembic"}
