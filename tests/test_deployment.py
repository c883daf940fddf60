"""The files that deploy Allmende: what they name exists, and nothing in them has more rights than it needs.

What docker-compose.yml starts is started directly in tests/journeys/test_deployed.py; there is no engine for containers
in the tests.
"""

import configparser
import hashlib
import json
import re
import shutil
import subprocess
import tomllib
from base64 import urlsafe_b64encode
from pathlib import Path
from zipfile import ZipFile

import pytest

from hub.app import routes
from hub.cli.app import create_app
from knowledge.kit.settings import TOPICS
from knowledge.operations.house_checks import known_settings
from tests.compose import PROJECT, compose, filled, services, settings_of
from tests.test_launcher import call, lock_lines, make_project

UNITS = sorted((PROJECT / "deploy" / "systemd").glob("*.service"))
SETTING = re.compile(r"\bALLMENDE_[A-Z_]+\b")
HEALTH = re.compile(r"http://127\.0\.0\.1:(\d+)(/[\w/]+)")
PINNED = re.compile(r"[\w./-]+:\d+(\.\d+)+(-[\w.]+)*")
# What a service must say, and what it says where it may.
CONFINED = {"read_only": True, "cap_drop": ["ALL"], "security_opt": ["no-new-privileges:true"]}
HARDENED = {
    "NoNewPrivileges": "true",
    "ProtectSystem": "strict",
    "ProtectHome": "true",
    "PrivateTmp": "true",
    "CapabilityBoundingSet": "",
    "UMask": "0077",
    "User": "allmende",
}
OURS = [name for name, service in services().items() if service["image"].startswith("allmende:")]
RUNS_COMMAND = [name for name in OURS if "entrypoint" not in services()[name]]


def commands() -> dict[str, set[str]]:
    """Return the commands with the words that may follow each (none: any)."""
    names = {command.name or "" for command in create_app().registered_commands}
    return {name: {"matrix", "telegram", "mail"} if name == "bot" else set() for name in names}


def is_command(words: list[str]) -> bool:
    """Whether the command line knows this call."""
    known = commands()
    return words[0] in known and (not known[words[0]] or set(words[1:]) <= known[words[0]])


def dockerfile() -> list[str]:
    """Return the instructions of the Dockerfile, each on one line."""
    text = (PROJECT / "Dockerfile").read_text("utf-8").replace("\\\n", " ")
    return [line for line in text.splitlines() if line and not line.startswith("#")]


def stages() -> dict[str, list[str]]:
    """Return the instructions of each stage by its name."""
    found: dict[str, list[str]] = {}
    for line in dockerfile():
        if line.startswith("FROM "):
            found[line.split()[-1]] = []
        found[list(found)[-1]].append(line)
    return found


class Unit(configparser.ConfigParser):
    """A unit of systemd; of what is said twice, the last counts here."""

    def __init__(self, path: Path) -> None:
        super().__init__(strict=False, interpolation=None)
        self.read(path, "utf-8")

    def optionxform(self, optionstr: str) -> str:
        """Leave names as they are written."""
        return optionstr


class TestCompose:
    def test_there_is_all_that_a_network_needs(self) -> None:
        assert {"postgres", "chroma", "migrate", "hub", "worker", "proxy"} < services().keys()
        assert {"bot-matrix", "bot-telegram", "bot-mail"} < services().keys()

    @pytest.mark.parametrize("name", RUNS_COMMAND)
    def test_every_command_exists(self, name: str) -> None:
        assert is_command(services()[name]["command"])

    @pytest.mark.parametrize("name", services())
    def test_nothing_has_more_rights_than_it_needs(self, name: str) -> None:
        service = services()[name]
        assert {key: service[key] for key in CONFINED} == CONFINED
        assert int(service["user"].partition(":")[0]) > 0
        assert not {"privileged", "network_mode", "pid", "devices"} & service.keys()
        assert not any("docker.sock" in volume for volume in service["volumes"])

    @pytest.mark.parametrize("name", services())
    def test_resources_are_limited(self, name: str) -> None:
        assert {"mem_limit", "cpus", "pids_limit"} <= services()[name].keys()

    @pytest.mark.parametrize("name", services())
    def test_images_are_pinned(self, name: str) -> None:
        assert PINNED.fullmatch(services()[name]["image"])

    def test_our_images_bear_our_version(self) -> None:
        version = tomllib.loads((PROJECT / "pyproject.toml").read_text("utf-8"))["project"]["version"]
        ours = {service["image"] for service in services().values() if service["image"].startswith("allmende")}
        assert ours == {f"allmende:{version}", f"allmende-proxy:{version}"}

    def test_every_setting_exists(self) -> None:
        named = set(SETTING.findall((PROJECT / "docker-compose.yml").read_text("utf-8")))
        assert named
        assert named - set(known_settings()) == set()

    def test_secrets_are_files_and_named_like_settings(self) -> None:
        fields = {f"allmende_{field}" for topic in TOPICS for field in topic.model_fields}
        secrets = compose()["secrets"]
        assert {name for name in secrets if name.startswith("allmende_")} <= fields
        assert all(list(secret) == ["file"] for secret in secrets.values())
        assert all(set(service.get("secrets", [])) <= secrets.keys() for service in services().values())
        given = [
            name for name in services() for setting in settings_of(name) if "PASSWORD" in setting.removesuffix("_FILE")
        ]
        assert given == ["postgres"]
        assert settings_of("postgres")["POSTGRES_PASSWORD_FILE"] == "/run/secrets/postgres_password"

    def test_secrets_and_settings_stay_out_of_the_repository(self) -> None:
        ignored = (PROJECT / ".gitignore").read_text("utf-8").splitlines()
        assert {"/secrets/", "/allmende.env"} <= set(ignored)
        assert all(secret["file"].startswith("secrets/") for secret in compose()["secrets"].values())
        assert {tuple(services()[name]["env_file"]) for name in RUNS_COMMAND} == {("allmende.env",)}

    def test_the_proxy_alone_has_a_capability(self) -> None:
        added = {name: service["cap_add"] for name, service in services().items() if "cap_add" in service}
        assert added == {"proxy": ["NET_BIND_SERVICE"]}

    def test_tables_come_first(self) -> None:
        assert services()["migrate"]["restart"] == "no"
        for name in RUNS_COMMAND:
            if name != "migrate":
                assert services()[name]["depends_on"]["migrate"] == {"condition": "service_completed_successfully"}

    def test_databases_are_out_of_reach(self) -> None:
        assert compose()["networks"]["inside"] == {"internal": True}
        assert [services()[name]["networks"] for name in ("postgres", "chroma")] == [["inside"], ["inside"]]
        assert [name for name, service in services().items() if "ports" in service] == ["proxy"]

    def test_the_hub_believes_its_proxy_and_nobody_else(self) -> None:
        (network,) = compose()["networks"]["front"]["ipam"]["config"]
        assert settings_of("hub")["ALLMENDE_HUB_TRUSTED_PROXIES"] == filled(network["subnet"])
        assert [name for name, service in services().items() if "front" in service["networks"]] == ["hub", "proxy"]

    def test_every_volume_is_declared(self) -> None:
        used = {volume.partition(":")[0] for service in services().values() for volume in service["volumes"]}
        assert used == compose()["volumes"].keys()


def docker_compose(folder: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    """Call Docker's plug-in, which needs no engine to check the file; skip the test where it is not installed."""
    docker = shutil.which("docker")
    if docker is None or subprocess.run([docker, "compose", "version"], capture_output=True, check=False).returncode:
        pytest.skip("Docker's plug-in compose is not installed")
    return subprocess.run([docker, "compose", *arguments], cwd=folder, capture_output=True, text=True, check=False)


class TestComposeConfig:
    def test_compose_itself_takes_the_file(self, tmp_path: Path) -> None:
        shutil.copy(PROJECT / "docker-compose.yml", tmp_path)
        (tmp_path / "allmende.env").write_text("ALLMENDE_HUB_URL=https://allmende.example\n", "utf-8")
        given = ("--env-file", "allmende.env", "--profile", "*")
        checked = docker_compose(tmp_path, *given, "config", "--format", "json")
        assert checked.returncode == 0, checked.stderr
        assert json.loads(checked.stdout)["services"].keys() == services().keys()


class TestDockerfile:
    def test_images_are_pinned(self) -> None:
        images = [line.split()[1] for line in dockerfile() if line.startswith("FROM ")]
        assert len(images) == 3
        assert [image for image in images if not PINNED.fullmatch(image)] == []

    @pytest.mark.parametrize("stage", ["allmende", "proxy"])
    def test_nothing_runs_as_root(self, stage: str) -> None:
        (user,) = [line.split()[1] for line in stages()[stage] if line.startswith("USER ")]
        assert int(user.partition(":")[0]) > 0
        of_stage = {
            service["user"] for service in services().values() if service.get("build", {}).get("target") == stage
        }
        assert of_stage == {user}

    def test_every_setting_exists(self) -> None:
        named = set(SETTING.findall("\n".join(dockerfile())))
        assert {"ALLMENDE_TORCH_INDEX", "ALLMENDE_DATA_DIR"} <= named
        assert named - set(known_settings()) == set()

    def test_what_it_calls_exists(self) -> None:
        (called,) = [json.loads(line.removeprefix("CMD ")) for line in dockerfile() if line.startswith("CMD ")]
        assert is_command(called)
        assert is_command(re.findall(r"\./allmende (reindex)", "\n".join(stages()["build"])))

    def test_what_is_copied_is_let_in(self) -> None:
        let_in = [line[1:] for line in (PROJECT / ".dockerignore").read_text("utf-8").splitlines() if line[:1] == "!"]
        assert {"hub", "bot", "knowledge", "migrations", "requirements.lock", "allmende"} <= set(let_in)
        copied = [line.split()[1:-1] for line in dockerfile() if line.startswith("COPY ") and "--from=" not in line]
        assert {name for names in copied for name in names} - {"."} <= set(let_in)
        assert [name for name in let_in if not (PROJECT / name).exists()] == []
        assert not {".env", "data", "secrets", "deploy"} & set(let_in)

    def test_packages_are_locked_with_hashes(self) -> None:
        assert any("./allmende setup" in line for line in stages()["build"])
        assert "pip install" not in "\n".join(dockerfile())
        assert sum("--hash=sha256:" in line for line in lock_lines("requirements.lock")) > 100


class TestHealth:
    def checks(self) -> list[tuple[str, str]]:
        """Return ports and addresses of all health checks that ask for a page of ours."""
        texts = [json.dumps(services()["hub"]["healthcheck"]["test"]), "\n".join(stages()["allmende"])]
        return [found for text in texts for found in HEALTH.findall(text)]

    def test_every_check_asks_for_an_address_that_exists(self) -> None:
        paths = {route.path for route in routes()}
        assert sorted(self.checks()) == [("8000", "/health/live"), ("8000", "/health/ready")]
        assert {path for _port, path in self.checks()} <= paths
        assert settings_of("hub")["ALLMENDE_HUB_PORT"] == "8000"


class TestUnits:
    def test_there_are_some(self) -> None:
        assert {"allmende.service", "allmende-hub@.service", "allmende-worker.service"} <= {path.name for path in UNITS}

    @pytest.mark.parametrize("path", UNITS, ids=lambda path: path.name)
    def test_each_runs_a_command_and_is_confined(self, path: Path) -> None:
        service = Unit(path)["Service"]
        assert {name: service[name] for name in HARDENED} == HARDENED
        assert "StateDirectory" in service
        program, *words = service["ExecStart"].split()
        if program.endswith("/allmende"):
            assert is_command([word for word in words if word != "%i"])
        else:
            assert program == "/opt/allmende/.venv/bin/chroma"

    def test_every_setting_exists(self) -> None:
        named = {name for path in UNITS for name in SETTING.findall(path.read_text("utf-8"))}
        assert {"ALLMENDE_DATA_DIR", "ALLMENDE_ENV_FILE"} <= named
        assert named - set(known_settings()) == set()


class TestProxies:
    def test_caddy_knows_the_one_setting_and_the_hubs(self) -> None:
        text = (PROJECT / "deploy" / "Caddyfile").read_text("utf-8")
        assert set(re.findall(r"{\$(\w+)}", text)) == {"ALLMENDE_HUB_URL"}
        assert set(re.findall(r"{\$(\w+)}", text)) <= settings_of("proxy").keys()
        assert re.search(r"name hub\s+port 8000", text)

    def test_nginx_passes_on_who_calls(self) -> None:
        text = (PROJECT / "deploy" / "nginx.conf").read_text("utf-8")
        for header in ("X-Forwarded-For", "X-Forwarded-Proto", "X-Request-ID", "Host"):
            assert f"proxy_set_header {header} " in text

    def test_no_proxy_notes_who_searched_for_what(self) -> None:
        nginx = (PROJECT / "deploy" / "nginx.conf").read_text("utf-8")
        assert nginx.count("access_log off;") == nginx.count("server_name ")
        assert not re.search(r"^\s*log\b", (PROJECT / "deploy" / "Caddyfile").read_text("utf-8"), re.MULTILINE)

    def test_nginx_leaves_pages_uncompressed(self) -> None:
        text = (PROJECT / "deploy" / "nginx.conf").read_text("utf-8")
        assert "gzip off;" in text.partition("location / {")[2]


class TestBillOfMaterials:
    def test_names_every_locked_package_with_its_hashes(self, tmp_path: Path) -> None:
        result = call(PROJECT / "allmende", "sbom", str(tmp_path / "sbom.json"), folder=tmp_path)
        assert result.returncode == 0, result.stderr
        listed = json.loads((tmp_path / "sbom.json").read_text("utf-8"))
        assert listed["bomFormat"] == "CycloneDX"
        found = {f"{one['name']}=={one['version']}": one for one in listed["components"]}
        locked = {line.partition(" ")[0] for line in lock_lines("requirements.lock") if re.match(r"[a-z0-9].*==", line)}
        assert locked
        assert locked <= found.keys()
        assert all("hashes" in str(found[name]) for name in locked)
        assert any(name.startswith("torch==") for name in found)


class TestOffline:
    def test_a_folder_of_wheels_is_enough(self, tmp_path: Path) -> None:
        wheel = make_wheel(tmp_path / "wheels")
        launcher = make_project(tmp_path / "commons")
        digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
        lock = f"commons-helper==1.0 \\\n    --hash=sha256:{digest}\n"
        (launcher.parent / "requirements.lock").write_text(lock, "utf-8")
        nowhere = {"PIP_INDEX_URL": "http://127.0.0.1:9/", "PIP_CONFIG_FILE": "/dev/null"}
        result = call(launcher, "ask", folder=tmp_path, ALLMENDE_WHEELS=str(wheel.parent), **nowhere)
        assert result.returncode == 0, result.stderr
        assert list(launcher.parent.glob(".venv/lib/*/site-packages/commons_helper.py"))

    def test_the_folder_has_to_be_named(self, tmp_path: Path) -> None:
        result = call(make_project(tmp_path / "commons"), "wheels", folder=tmp_path)
        assert (result.returncode, result.stdout) == (1, "")
        assert "./allmende wheels ORDNER" in result.stderr


def make_wheel(folder: Path) -> Path:
    """Make a wheel with one module in it."""
    folder.mkdir()
    info = "commons_helper-1.0.dist-info"
    files = {
        "commons_helper.py": "",
        f"{info}/METADATA": "Metadata-Version: 2.1\nName: commons-helper\nVersion: 1.0\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    digests = {
        name: urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=") for name, text in files.items()
    }
    record = "".join(f"{name},sha256={digests[name].decode()},{len(text)}\n" for name, text in files.items())
    path = folder / "commons_helper-1.0-py3-none-any.whl"
    with ZipFile(path, "w") as archive:
        for name, text in {**files, f"{info}/RECORD": f"{record}{info}/RECORD,,\n"}.items():
            archive.writestr(name, text)
    return path
