"""Looking at what surrounds the library: program, settings, data folder, disk, model, Chroma server, last backup."""

import difflib
import json
import os
import platform
import shutil
import tempfile
import urllib.error
import urllib.request
from collections.abc import Iterable, Iterator
from datetime import timedelta
from pathlib import Path

from dotenv import dotenv_values

from knowledge.about.operator import missing_settings
from knowledge.kit.clock import now
from knowledge.kit.errors import AllmendeError
from knowledge.kit.language import _, ngettext
from knowledge.kit.settings import ENV_FILE, PROJECT, SECRETS_DIR, TOPICS, ChromaSettings, Settings
from knowledge.library.embedding.models import EmbeddingConfig, ModelDescription, describe_model
from knowledge.operations.backup import last_backup
from knowledge.operations.findings import Finding, fine, problem, warning
from knowledge.operations.program import library_versions, program_version

PREFIX = "ALLMENDE_"
# Variables that are read elsewhere: by the launcher, by the demo and by the tests.
OTHERS = {
    ENV_FILE,
    SECRETS_DIR,
    "ALLMENDE_PYTHON",
    "ALLMENDE_TORCH_INDEX",
    "ALLMENDE_WHEELS",
    "ALLMENDE_DEMO_DIR",
    "ALLMENDE_SHARED_DIR",
}
TEST_PREFIX = "ALLMENDE_TEST_"
GIGABYTE = 1 << 30
LITTLE_ROOM, NO_ROOM = GIGABYTE, GIGABYTE // 10
# Seconds that a Chroma server may take to answer.
PATIENCE = 5
OLD_BACKUP = timedelta(days=7)


def check_house(settings: Settings) -> Iterator[Finding]:
    """Yield what there is to say about everything but the database and the indexes."""
    yield check_program()
    yield from check_settings()
    yield check_folder(settings.data_folder)
    yield check_room(settings.data_folder)
    yield check_backup_age(settings.data_folder)
    yield check_model(settings)
    yield check_operator(settings)
    if settings.chroma.chroma_url is not None:
        yield check_chroma(settings.chroma)


def check_program() -> Finding:
    """See that everything the program stands on is installed."""
    versions = library_versions()
    facts = {"allmende": program_version(), "python": platform.python_version(), **versions}
    missing = [name for name, version in versions.items() if version is None]
    if missing:
        message = _("Not installed: {names}.").format(names=", ".join(missing))
        return problem("program", message, _("Please delete the folder .venv and start ./allmende again."), **facts)
    message = _("Allmende {version} on Python {python}.")
    return fine("program", message.format(version=facts["allmende"], python=facts["python"]), **facts)


def check_settings() -> Iterator[Finding]:
    """Find variables that nobody reads, which are nearly always misspelt."""
    env_file = os.environ.get(ENV_FILE)
    if env_file and not Path(env_file).exists():
        message = _("The file that {name} names does not exist.").format(name=ENV_FILE)
        yield warning("settings.file", message, _("Please correct the path or remove the variable."))
    unknown = sorted(name for name in _given_names() if not _is_known(name))
    for name in unknown:
        alike = difflib.get_close_matches(name, known_settings(), n=1)
        todo = _("Did you mean {name}?").format(name=alike[0]) if alike else _("Please remove it.")
        yield warning("settings.unknown", _("There is no setting {name}.").format(name=name), todo, name=name)
    if not unknown:
        yield fine("settings.unknown", _("All settings are known ones."))


def known_settings() -> list[str]:
    """Return the names of all variables that the program reads."""
    fields = [field for topic in TOPICS for field in topic.model_fields]
    return sorted({f"{PREFIX}{field.upper()}" for field in fields} | OTHERS)


def _is_known(name: str) -> bool:
    return name in known_settings() or name.startswith(TEST_PREFIX)


def _given_names() -> set[str]:
    file = Path(os.environ.get(ENV_FILE) or PROJECT / ".env")
    in_file: Iterable[str] = dotenv_values(file) if file.is_file() else ()
    return {name.upper() for name in (*os.environ, *in_file) if name.upper().startswith(PREFIX)}


def check_folder(folder: Path) -> Finding:
    """See whether the data folder can be written."""
    try:
        with tempfile.TemporaryFile(dir=folder) as probe:
            probe.write(b"\0")
    except OSError as error:
        message = _("The data folder “{folder}” cannot be written.").format(folder=folder)
        return problem(
            "folder", message, _("Please check who owns it and whether the disk is full."), error=error.errno
        )
    return fine("folder", _("The data folder is “{folder}”.").format(folder=folder), folder=str(folder))


def check_room(folder: Path) -> Finding:
    """See how much room is left on the disk."""
    free = shutil.disk_usage(folder).free
    message = _("{size} GB are free on its disk.").format(size=round(free / GIGABYTE, 1))
    if free < NO_ROOM:
        return problem("disk", message, _("Please make room; writing fails soon."), free=free)
    if free < LITTLE_ROOM:
        return warning("disk", message, _("Please make room before it is full."), free=free)
    return fine("disk", message, free=free)


def check_backup_age(folder: Path) -> Finding:
    """See when the last backup was made from this data folder."""
    moment = last_backup(folder)
    todo = _("“allmende backup” makes one; please keep it on another machine.")
    if moment is None:
        return warning("backup", _("No backup is known of."), todo)
    age = now() - moment
    days = max(age.days, 0)
    message = ngettext("The last backup is {count} day old.", "The last backup is {count} days old.", days).format(
        count=days
    )
    if age > OLD_BACKUP:
        return warning("backup", message, todo, made_at=moment)
    return fine("backup", message, made_at=moment)


def find_model(settings: Settings) -> ModelDescription | None:
    """Return the configured model as far as its files are on this machine; nothing is fetched.

    Returns ``None`` where there is to be no model, or one that is only named. Raises ``ModelMissing``.
    """
    wanted = settings.embedding
    if wanted.embedding_model != "default" and not Path(wanted.embedding_model).expanduser().is_dir():
        return None
    config = EmbeddingConfig(
        model=wanted.embedding_model,
        query_prefix=wanted.embedding_query_prefix,
        passage_prefix=wanted.embedding_passage_prefix,
    )
    return describe_model(config, settings.models_folder)


def check_model(settings: Settings) -> Finding:
    """See that the model's files are there and are the published ones."""
    name = settings.embedding.embedding_model
    if name == "none":
        return fine("model", _("No language model: words alone are searched, as configured."), model=name)
    try:
        described = find_model(settings)
        if described is None:
            message = _("The language model “{name}” is looked up when it is used.").format(name=name)
            return fine("model", message, model=name)
        described.check_weights()
    except (AllmendeError, OSError) as error:
        message = error.message if isinstance(error, AllmendeError) else _("The language model cannot be read.")
        todo = _("Or set ALLMENDE_EMBEDDING_MODEL to another model, or to “none”.")
        return problem("model", message, todo, model=name)
    checked = _("its checksum is right") if described.sha256 else _("no checksum is known")
    message = _("The language model is {name}; {checked}.").format(name=described.name, checked=checked)
    return fine("model", message, model=described.name, fingerprint=described.fingerprint)


def check_operator(settings: Settings) -> Finding:
    """See whether the hub's pages can say what law asks for: imprint, data protection, accessibility."""
    missing = missing_settings(settings)
    if not missing:
        return fine("about.operator", _("The hub says who runs it, and whom to write to."), missing=[])
    message = _("The pages about data protection, accessibility and the imprint are not complete.")
    todo = _("Please set {names}.").format(names=", ".join(missing))
    return warning("about.operator", message, todo, missing=list(missing))


def check_chroma(chroma: ChromaSettings) -> Finding:
    """See whether the Chroma server answers."""
    token = chroma.chroma_token.get_secret_value() if chroma.chroma_token else None
    headers = {"X-Chroma-Token": token, "Authorization": f"Bearer {token}"} if token else {}
    address = f"{str(chroma.chroma_url).rstrip('/')}/api/v2/heartbeat"
    request = urllib.request.Request(address, headers=headers)  # noqa: S310 - the settings allow http(s) alone
    try:
        with urllib.request.urlopen(request, timeout=PATIENCE) as reply:  # noqa: S310
            json.load(reply)
    except (OSError, ValueError) as error:
        reason = f"HTTP {error.code}" if isinstance(error, urllib.error.HTTPError) else type(error).__name__
        todo = _("Until it is back, words alone are searched. Please check that it runs, and ALLMENDE_CHROMA_URL.")
        return problem("chroma", _("The Chroma server does not answer ({reason}).").format(reason=reason), todo)
    return fine("chroma", _("The Chroma server answers."))
