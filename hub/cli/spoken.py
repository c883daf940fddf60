"""The parser's own words in our language: it knows English only."""

from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup

from knowledge.kit.language import _


class _Spoken:
    """What commands and groups of them have in common: help in our language from the first to the last line."""

    def get_help_option(self, ctx: Any) -> Any:
        """Return the option that shows the help."""
        parser: Any = super()
        option = parser.get_help_option(ctx)
        if option is not None:
            option.help = _("Show this help.")
        return option

    def format_usage(self, ctx: Any, formatter: Any) -> None:
        """Write how it is called."""
        parser: Any = self
        formatter.write_usage(ctx.command_path, " ".join(parser.collect_usage_pieces(ctx)), prefix=_("Usage:") + " ")


class SpokenCommand(_Spoken, TyperCommand):
    """A command."""


class SpokenGroup(_Spoken, TyperGroup):
    """A group of commands."""


class Commands(typer.Typer):
    """Commands that are put together; what is added to it speaks our language.

    Args:
        help: what they are about.
    """

    def __init__(self, help: str | None = None) -> None:  # noqa: A002 - the library's name for it
        super().__init__(cls=SpokenGroup, help=help, no_args_is_help=True, add_completion=False, rich_markup_mode=None)

    def command(self, *arguments: Any, **more: Any) -> Any:
        """Add a command; see ``typer.Typer.command``."""
        return super().command(*arguments, cls=SpokenCommand, **more)
