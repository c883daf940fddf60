"""A conversation in the terminal."""

from collections.abc import AsyncIterator, Awaitable, Callable

from bot.core.answer_text import answer_text
from knowledge.kit.errors import AllmendeError
from knowledge.kit.language import _
from knowledge.kit.logs import get_logger
from knowledge.library.answers.schemas import Reply

Ask = Callable[[str], Awaitable[Reply]]
Write = Callable[[str], None]

HELP = ("/hilfe", "/help")
END = ("/ende", "/quit", "/exit")


async def converse(ask: Ask, *, lines: AsyncIterator[str], write: Write) -> None:
    """Answer one question per line until the lines or the person's patience end.

    Args:
        ask: answers a question.
        lines: what the person types.
        write: shows them something.
    """
    write(_greeting())
    async for line in lines:
        text = line.strip()
        if text.lower() in END:
            break
        if not text:
            continue
        write(await _reply(ask, text))
    write(_("Goodbye!"))


async def _reply(ask: Ask, text: str) -> str:
    if text.lower() in HELP:
        return _help()
    if text.startswith("/"):
        return _("I do not know this command. /help shows what there is.")
    try:
        return answer_text(await ask(text)) + "\n"
    except AllmendeError as error:
        return error.message + "\n"
    except Exception as error:  # noqa: BLE001 - the edge: a turn that fails does not end the conversation
        get_logger().error("chat_turn_failed", error=type(error).__name__, exc_info=True)
        return _("Something went wrong with this question. Please try again, or ask something else.") + "\n"


def _greeting() -> str:
    return _("Hello! I am Allmende, an automatic assistant. Please ask me something; /help explains, /quit ends.")


def _help() -> str:
    return _(
        "Write a question in your own words. I answer with quotations from the library and say where they stand; "
        "where it knows nothing, I say so.\n/help  this text\n/quit  end"
    )
