"""docker-compose.yml as the tests read it."""

import re
from functools import cache
from pathlib import Path
from typing import Any

import yaml

PROJECT = Path(__file__).resolve().parent.parent
VARIABLE = re.compile(r"\$\{(\w+)(?::([-?])([^}]*))?\}")


@cache
def compose() -> dict[str, Any]:
    """Return the whole file, with what its anchors stand for."""
    read: dict[str, Any] = yaml.safe_load((PROJECT / "docker-compose.yml").read_text("utf-8"))
    return read


def services() -> dict[str, dict[str, Any]]:
    """Return the services by name."""
    named: dict[str, dict[str, Any]] = compose()["services"]
    return named


def settings_of(service: str) -> dict[str, str]:
    """Return the environment of a service; variables of whoever starts it have their default, or are empty."""
    return {name: filled(str(value)) for name, value in services()[service].get("environment", {}).items()}


def filled(value: str) -> str:
    """Return a value with the defaults of its variables."""
    return VARIABLE.sub(lambda found: found[3] if found[2] == "-" else "", value)
