"""What an administrator should look after on Matrix, as the bot noted it when it last signed in."""

from collections.abc import Callable, Iterator
from pathlib import Path

from bot.matrix.keeping import read_secret, write_secret
from knowledge.kit.language import _
from knowledge.kit.settings import MatrixSettings
from knowledge.operations.findings import Finding, fine, problem, warning

FILE = "problems.json"
CHECK = "matrix"

# Names of problems.
NEEDS_PASSWORD = "cross_signing_needs_password"  # noqa: S105 - the name of a problem
REFUSED = "cross_signing_refused"
UNSUPPORTED = "cross_signing_unsupported"
# Another device had this one's id: people's clients will not trust it.
DEVICE_CHANGED = "device_keys_changed"
SIGNED_OUT = "signed_out"


def note_problems(folder: Path, problems: list[str]) -> None:
    """Keep what the running bot found, for ``doctor`` in another process."""
    write_secret(folder / FILE, {"problems": problems})


def matrix_findings(settings: MatrixSettings, folder: Path) -> Iterator[Finding]:
    """Yield what there is to say about Matrix; nothing where it is not set up. Asks nobody and changes nothing.

    Args:
        settings: the bot's account.
        folder: the adapter's folder.
    """
    if settings.matrix_homeserver is None:
        return
    if folder.is_dir() and folder.stat().st_mode & 0o077:
        message = _("The folder with the bot's Matrix keys can be read by others.")
        yield problem("matrix.folder", message, _("Please run: chmod -R go= {folder}").format(folder=folder))
    noted = read_secret(folder / FILE).get("problems")
    if not isinstance(noted, list):
        return
    known = [name for name in noted if name in _EXPLAINED]
    for name in known:
        message, todo = _EXPLAINED[name]()
        make = problem if name in (SIGNED_OUT, DEVICE_CHANGED) else warning
        yield make(f"{CHECK}.{name}", message, todo)
    if not known:
        yield fine(CHECK, _("On Matrix, the bot's device is verified by its account."))


def explain(name: str) -> str:
    """Return a problem and what to do about it, for the log and people."""
    if name not in _EXPLAINED:
        return name
    message, todo = _EXPLAINED[name]()
    return f"{message} {todo}"


def _needs_password() -> tuple[str, str]:
    return (
        _(
            "The bot's Matrix device is not verified: the account has other keys, and its password is needed "
            "to replace them."
        ),
        _("Please set ALLMENDE_MATRIX_PASSWORD too, at least for one start; see docs/matrix.md."),
    )


def _refused() -> tuple[str, str]:
    return (
        _("The homeserver does not let the bot verify its own device; newer clients may not send it their keys."),
        _("Please allow the account to reset its identity and start the bot again; see docs/matrix.md."),
    )


def _unsupported() -> tuple[str, str]:
    return (
        _("The homeserver knows no cross-signing, so the bot's device cannot be verified."),
        _("Please use a homeserver that supports it, or keep to rooms without encryption."),
    )


def _device_changed() -> tuple[str, str]:
    return (
        _("The homeserver has other keys for the bot's device than the data folder; nobody will trust it."),
        _("Please make a new access token by a new sign-in, and set ALLMENDE_MATRIX_ACCESS_TOKEN to it."),
    )


def _signed_out() -> tuple[str, str]:
    return (
        _("The bot was signed out of its Matrix account."),
        _("Please check ALLMENDE_MATRIX_PASSWORD or make a new ALLMENDE_MATRIX_ACCESS_TOKEN."),
    )


_EXPLAINED: dict[str, Callable[[], tuple[str, str]]] = {
    NEEDS_PASSWORD: _needs_password,
    REFUSED: _refused,
    UNSUPPORTED: _unsupported,
    DEVICE_CHANGED: _device_changed,
    SIGNED_OUT: _signed_out,
}
