"""The settings of a test, read once for all that have the same ones: reading them takes as long as a page."""

import os
from dataclasses import replace
from functools import cache

from knowledge.kit.settings import ENV_FILE, SECRETS_DIR, Settings, StorageSettings, load_settings

# Every test has another one; all that depends on it is worked out when it is asked for.
OWN = "ALLMENDE_DATA_DIR"


@cache
def _read(_surroundings: frozenset[tuple[str, str]]) -> Settings:
    return load_settings()


def kept_settings() -> Settings:
    """Return what ``load_settings`` does. Raises ``WrongSetting``."""
    if os.environ.get(ENV_FILE) != os.devnull or os.environ.get(SECRETS_DIR):
        return load_settings()
    known = _read(frozenset(item for item in os.environ.items() if item[0].startswith("ALLMENDE_") and item[0] != OWN))
    return replace(known, storage=StorageSettings())
