"""Options and arguments that several commands share, and how their values are read."""

from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer

from knowledge.kit.language import _
from knowledge.models.document import Kind, Rights, Visibility


def read_date(value: str | date | None) -> date | None:
    """Read a date as people write it: 2026-12-31 or 31.12.2026."""
    if value is None or isinstance(value, date):
        return value
    day, _dot, rest = value.partition(".")
    month, _dot, year = rest.partition(".")
    try:
        return date(int(year), int(month), int(day)) if rest else date.fromisoformat(value)
    except ValueError as error:
        problem = _("“{value}” is no date; please write 2026-12-31 or 31.12.2026.").format(value=value)
        raise typer.BadParameter(problem) from error


AsJson = Annotated[bool, typer.Option("--json", help=_("Print JSON instead of text."))]
AsMember = Annotated[str | None, typer.Option("--as", metavar="MEMBER", help=_("See what this member may see."))]
ForVisibility = Annotated[
    Visibility | None, typer.Option("--visibility", help=_("“public” finds only what everybody may find."))
]


def date_option(text: str) -> Any:
    """Return an option that takes a date; ``text`` is its help."""
    return typer.Option(metavar="DATE", parser=read_date, help=text)


FileArgument = Annotated[Path, typer.Argument(help=_("The file."))]
KindOption = Annotated[Kind | None, typer.Option("--kind", help=_("What the documents are (default: literature)."))]
RightsOption = Annotated[
    Rights | None, typer.Option("--rights", help=_("What copyright allows to show (default: full)."))
]
CircleOption = Annotated[
    str | None, typer.Option("--circle", metavar="NAME", help=_("The circle that alone may find it."))
]
Reference = Annotated[str, typer.Argument(metavar="DOCUMENT", help=_("Its key, the beginning of it, or its source."))]
