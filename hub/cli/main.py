"""The command line: finds the language, hands over to the commands, and turns what goes wrong into clear words."""

import locale
import os
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import NoReturn

from knowledge.kit.errors import AllmendeError, InvalidInput
from knowledge.kit.language import _, choose_language
from knowledge.kit.logs import configure_logs, get_logger

OK, FAILED, WRONG_USAGE, INTERRUPTED = 0, 1, 2, 130
# What a shell reports for a program that a closed pipe ended.
BROKEN_PIPE = 128 + signal.SIGPIPE


def language_of_surroundings() -> str:
    """Return ``en`` where the setting, or else the locale, says English; otherwise ``de``."""
    names = ("ALLMENDE_LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG")
    wanted = next((value for name in names if (value := os.environ.get(name))), "")
    return "en" if wanted.lower().startswith("en") else "de"


def run() -> NoReturn:
    """Run the command that the arguments name, and leave with its exit code."""
    _speak_utf8()
    language = language_of_surroundings()
    choose_language(language)
    configure_logs()
    try:
        # The commands' help texts are made at import, in the language chosen just now.
        from hub.cli.app import create_app, translate_usage

        translate_usage(language)
        code = _call(create_app(sys.argv[1:]))
        sys.stdout.flush()
    except BrokenPipeError:
        _forget_output()
        sys.exit(BROKEN_PIPE)
    except KeyboardInterrupt:
        _say(_("Interrupted. What was finished until now is kept."))
        sys.exit(INTERRUPTED)
    except AllmendeError as error:
        if error.detail:
            get_logger().info("command_failed", code=error.code, detail=error.detail)
        _say(error.message)
        sys.exit(WRONG_USAGE if isinstance(error, InvalidInput) else FAILED)
    except Exception as error:  # noqa: BLE001 - the edge
        sys.exit(_unexpected(error))
    sys.exit(code if isinstance(code, int) else OK)


def _call(app: Callable[..., object]) -> object:
    """Call the command; what the parser of the command line made of Ctrl-C and a closed pipe is undone."""
    try:
        code = app(prog_name="allmende", standalone_mode=False)
    except SystemExit as error:
        raise BrokenPipeError from error
    if code == INTERRUPTED:
        raise KeyboardInterrupt
    return code


def _unexpected(error: Exception) -> int:
    """Explain what a command did not foresee; usage errors come from the parser of the command line."""
    from hub.cli.failures import explain

    message, code = explain(error)
    _say(message)
    return code


def _speak_utf8() -> None:
    """Read and write UTF-8 whatever the locale says; bytes that are none of it never end a command."""
    with suppress(locale.Error):  # a locale that this machine does not have
        locale.setlocale(locale.LC_CTYPE, "")
    if sys.stdout is None:  # closed by whoever called
        sys.stdout = os.fdopen(os.open(os.devnull, os.O_WRONLY), "w", encoding="utf-8")
    for stream, errors in ((sys.stdout, "backslashreplace"), (sys.stderr, "backslashreplace"), (sys.stdin, "replace")):
        if stream is not None and hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors=errors)


def _forget_output() -> None:
    """Leave nothing for the interpreter to flush into the closed pipe at its end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _say(message: str) -> None:
    sys.stderr.write(f"{message}\n")
