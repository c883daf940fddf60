"""The launcher, in a project of its own that needs no packages and so no network."""

import json
import os
import shutil
import subprocess
import tomllib
import venv
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from tests.test_structure import PROJECT

LOCK_FILES = ("requirements.lock", "requirements-test.lock")
ALL_LOCK_FILES = (*LOCK_FILES, "requirements-synapse.lock", "requirements-pip.lock")
LOCK = "# What this needs, pinned.\n"
PROGRAM = """
import os, sys
import hub
print(os.getpid(), os.getcwd(), *sys.argv[1:], sep="|")
sys.exit(7 if "fail" in sys.argv else 0)
"""
STAND_IN = "#!/bin/sh\necho {answer}\n"


def call(program: Path, *arguments: str, folder: Path, **settings: str) -> "subprocess.CompletedProcess[str]":
    """Call the launcher from ``folder`` and return what became of it."""
    environment = environment_with(settings)
    return subprocess.run(
        [program, *arguments], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )


def environment_with(settings: Mapping[str, str]) -> dict[str, str]:
    return {**os.environ, "LANG": "C.UTF-8", **settings}


def make_project(folder: Path) -> Path:
    """Make a small project around a copy of the launcher, and return the launcher."""
    (folder / "hub" / "cli").mkdir(parents=True)
    (folder / "hub" / "__init__.py").touch()
    (folder / "hub" / "cli" / "__init__.py").touch()
    (folder / "hub" / "cli" / "__main__.py").write_text(PROGRAM, "utf-8")
    (folder / "pyproject.toml").touch()
    (folder / "requirements.lock").write_text(LOCK, "utf-8")
    return Path(shutil.copy(PROJECT / "allmende", folder))


@dataclass(frozen=True, slots=True)
class FirstUse:
    """What became of two calls that came at once to a project not yet set up."""

    launcher: Path
    exit_codes: list[int]
    said: list[tuple[str, str]]


@pytest.fixture(scope="module")
def first_use(tmp_path_factory: pytest.TempPathFactory) -> FirstUse:
    """Two calls at once, to a project whose first set-up was cut off before pip was there."""
    launcher = make_project(tmp_path_factory.mktemp("projects") / "commons")
    venv.create(launcher.parent / ".venv", with_pip=False, symlinks=True)
    both = [
        subprocess.Popen(
            [launcher, "ask"], cwd=launcher.parent, env=environment_with({}), stdout=-1, stderr=-1, text=True
        )
        for _ in range(2)
    ]
    said = [process.communicate() for process in both]
    return FirstUse(launcher, [process.returncode for process in both], said)


@pytest.fixture
def launcher(first_use: FirstUse) -> Path:
    """A launcher whose project is set up."""
    if not (first_use.launcher.parent / ".venv" / "requirements.lock").exists():
        call(first_use.launcher, "setup", folder=first_use.launcher.parent)
    return first_use.launcher


class TestFirstUse:
    def test_sets_up_and_goes_on_with_the_command(self, first_use: FirstUse) -> None:
        assert first_use.exit_codes == [0, 0], first_use.said
        assert [output.partition("|")[2] for output, _ in first_use.said] == [f"{first_use.launcher.parent}|ask\n"] * 2

    def test_tells_on_standard_error_what_it_does(self, first_use: FirstUse) -> None:
        assert sum("eingerichtet …" in errors and "Fertig." in errors for _, errors in first_use.said) == 1

    def test_two_at_once_wait_for_each_other(self, first_use: FirstUse) -> None:
        assert sorted("ich warte" in errors for _, errors in first_use.said) == [False, True]


class TestSecondUse:
    def test_installs_nothing_and_says_nothing(self, launcher: Path, tmp_path: Path) -> None:
        nowhere = "http://127.0.0.1:9/"
        result = call(launcher, "ask", folder=tmp_path, PIP_INDEX_URL=nowhere, https_proxy=nowhere)
        assert (result.returncode, result.stderr) == (0, "")

    def test_keeps_the_folder_and_the_arguments(self, launcher: Path, tmp_path: Path) -> None:
        result = call(launcher, "ask", "Was ist  ein „Beleg“?", "*", folder=tmp_path)
        assert result.stdout.partition("|")[2] == f"{tmp_path}|ask|Was ist  ein „Beleg“?|*\n"

    def test_passes_the_exit_code_on(self, launcher: Path, tmp_path: Path) -> None:
        assert call(launcher, "fail", folder=tmp_path).returncode == 7

    def test_becomes_the_program_so_that_signals_reach_it(self, launcher: Path, tmp_path: Path) -> None:
        with subprocess.Popen([launcher, "ask"], cwd=tmp_path, stdout=-1, text=True) as process:
            answer = process.communicate()[0]
        assert answer.startswith(f"{process.pid}|")

    def test_works_through_symlinks(self, launcher: Path, tmp_path: Path) -> None:
        (tmp_path / "bin").mkdir()
        (tmp_path / "direct").symlink_to(launcher)
        (tmp_path / "bin" / "allmende").symlink_to("../direct")
        result = call(tmp_path / "bin" / "allmende", "ask", folder=tmp_path)
        assert result.stdout.endswith(f"|{tmp_path}|ask\n")

    def test_takes_no_module_from_the_callers_folder(self, launcher: Path, tmp_path: Path) -> None:
        (tmp_path / "hub.py").write_text("raise SystemExit('wrong hub')", "utf-8")
        result = call(launcher, "ask", folder=tmp_path, PYTHONPATH=str(tmp_path))
        assert (result.returncode, result.stderr) == (0, "")


class TestChanges:
    def test_changed_lock_file_sets_up_again(self, launcher: Path, tmp_path: Path) -> None:
        (launcher.parent / "requirements.lock").write_text(LOCK + "# and something new\n", "utf-8")
        assert "Fertig." in call(launcher, "ask", folder=tmp_path).stderr
        assert call(launcher, "ask", folder=tmp_path).stderr == ""

    def test_set_up_that_was_cut_off_between_files_begins_anew(self, launcher: Path, tmp_path: Path) -> None:
        left_over = launcher.parent / ".venv" / "half-done"
        left_over.touch()
        (launcher.parent / "requirements.lock").write_text(LOCK + "# and something newer\n", "utf-8")
        assert call(launcher, "ask", folder=tmp_path).returncode == 0
        assert not left_over.exists()

    def test_moved_project_works_on(self, launcher: Path, tmp_path: Path) -> None:
        moved = launcher.parent.rename(launcher.parent.parent / "moved folder")
        try:
            result = call(moved / "allmende", "ask", folder=tmp_path)
        finally:
            moved.rename(launcher.parent)
        assert (result.returncode, result.stderr) == (0, "")

    def test_package_that_cannot_be_had_says_so_and_leaves_no_stamp(self, launcher: Path, tmp_path: Path) -> None:
        lock = launcher.parent / "requirements.lock"
        lock.write_text(f"no-such-package-here==1.0 \\\n    --hash=sha256:{'0' * 64}\n", "utf-8")
        result = call(launcher, "ask", folder=tmp_path, PIP_NO_INDEX="1", PIP_FIND_LINKS="")
        lock.write_text(LOCK, "utf-8")
        assert (result.returncode, result.stdout) == (1, "")
        assert "Die Einrichtung ist nicht fertig geworden" in result.stderr
        assert not (launcher.parent / ".venv" / "requirements.lock").exists()


class TestWhatIsMissing:
    @pytest.fixture
    def stand_in(self, tmp_path: Path) -> Path:
        """A program to answer in place of Python."""
        return tmp_path / "python"

    @pytest.mark.parametrize(
        ("answer", "advice"),
        [
            ("bare 3.12", "sudo apt-get install python3.12-venv"),
            ("unfit 3.9", "Python 3.11 bis 3.14; gefunden wurde nur 3.9"),
        ],
    )
    def test_is_named_with_what_to_do(self, tmp_path: Path, stand_in: Path, answer: str, advice: str) -> None:
        stand_in.write_text(STAND_IN.format(answer=answer), "utf-8")
        stand_in.chmod(0o755)
        result = call(make_project(tmp_path / "commons"), "ask", folder=tmp_path, ALLMENDE_PYTHON=str(stand_in))
        assert result.returncode == 1
        assert advice in result.stderr

    @pytest.mark.parametrize(
        "setting", [{"ALLMENDE_LANGUAGE": "en"}, {"LANG": "en_GB.UTF-8"}], ids=["setting", "locale"]
    )
    def test_is_said_in_english_to_those_who_speak_it(
        self, tmp_path: Path, stand_in: Path, setting: dict[str, str]
    ) -> None:
        launcher = make_project(tmp_path / "commons")
        result = call(launcher, "ask", folder=tmp_path, ALLMENDE_PYTHON=str(stand_in), **setting)
        assert result.stderr.startswith("Allmende needs Python 3.11 to 3.14; none was found.")


@pytest.fixture(scope="module")
def pins() -> dict[str, Requirement]:
    """What both lock files pin, by name."""
    lines = [line for name in LOCK_FILES for line in lock_lines(name) if line[0].isalnum()]
    pins = [Requirement(line.removesuffix("\\")) for line in lines]
    return {normal_name(pin.name): pin for pin in pins}


class TestLockFiles:
    """What the lock files promise to an installation."""

    def test_everything_that_the_project_names_is_pinned(self, pins: dict[str, Requirement]) -> None:
        wanted = [Requirement(text) for text in wanted_by_project()]
        assert len(wanted) > 20
        unmet = [
            str(need)
            for need in wanted
            if normal_name(need.name) not in pins
            or not need.specifier.contains(str(pins[normal_name(need.name)].specifier).removeprefix("=="))
        ]
        assert unmet == []

    def test_pytorch_comes_first_and_brings_its_own_cuda_if_any(self, pins: dict[str, Requirement]) -> None:
        assert "# first: torch==2.13.0" in lock_lines("requirements.lock")
        assert [name for name in pins if name.startswith(("torch", "nvidia", "cuda", "triton"))] == []

    @pytest.mark.parametrize("name", ALL_LOCK_FILES)
    def test_every_pin_has_its_hashes_and_no_place(self, name: str) -> None:
        lines = lock_lines(name)
        pins = [number for number, line in enumerate(lines) if line[0].isalnum()]
        assert pins
        assert all(lines[number + 1].lstrip().startswith("--hash=sha256:") for number in pins)
        assert [line for line in lines if "://" in line or "index-url" in line] == []

    def test_so_has_every_package_of_the_sign_in_service(self) -> None:
        locked = json.loads((PROJECT / "tests" / "oidc_provider" / "package-lock.json").read_text("utf-8"))
        packages = {name: entry for name, entry in locked["packages"].items() if name}
        assert "node_modules/oidc-provider" in packages
        assert [name for name, entry in packages.items() if not entry["integrity"].startswith("sha512-")] == []
        assert [name for name, entry in packages.items() if "resolved" in entry] == []


def lock_lines(name: str) -> list[str]:
    return (PROJECT / name).read_text("utf-8").splitlines()


def normal_name(name: str) -> str:
    return name.lower().replace("_", "-").replace(".", "-")


def wanted_by_project() -> list[str]:
    described = tomllib.loads((PROJECT / "pyproject.toml").read_text("utf-8"))
    wanted: list[str] = [*described["project"]["dependencies"], *described["dependency-groups"]["dev"]]
    return [text for text in wanted if not text.startswith("torch==")]
