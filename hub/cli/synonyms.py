"""``allmende synonyms``: other words for the same thing."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from hub.cli.options import AsJson
from hub.cli.output import put_json, put_json_line
from hub.cli.surroundings import opened, put, run_async, say
from knowledge.kit.language import _, ngettext
from knowledge.kit.unit_of_work import unit_of_work
from knowledge.synonyms.schemas import AddedSynonyms, Outcome, SynonymEntry, SynonymReport
from knowledge.synonyms.service import SynonymService

FAILED = 1


def register(group: typer.Typer) -> None:
    """Put the commands into their group."""
    group.command("list", help=_("List all groups."))(list_synonyms)
    group.command("add", help=_("Note that two or more words mean the same."))(add)
    group.command("remove", help=_("Forget that a word means the same as others."))(remove)
    group.command("import", help=_("Add the groups of a list, one a line: “Kita; Kindertagesstätte”."))(import_list)


def list_synonyms(as_json: AsJson = False) -> None:
    """List all groups."""

    async def work() -> Sequence[SynonymEntry]:
        async with opened() as surroundings, unit_of_work(surroundings.database, writes=False) as unit:
            return await SynonymService(unit.session).list()

    entries = run_async(work)
    for entry in entries:
        if as_json:
            put_json_line({"id": entry.id, "terms": list(entry.terms)})
        else:
            put("; ".join(entry.terms))
    if not entries:
        say(_("There are no synonyms yet. “allmende synonyms add Kita Kindertagesstätte” adds some."))


def add(terms: Annotated[list[str], typer.Argument(help=_("The words."))], as_json: AsJson = False) -> None:
    """Note that two or more words mean the same."""

    async def work() -> AddedSynonyms:
        async with opened() as surroundings, unit_of_work(surroundings.database) as unit:
            return await SynonymService(unit.session).add(*terms)

    added = run_async(work)
    if as_json:
        put_json({"id": added.group.id, "terms": list(added.group.terms), "outcome": added.outcome})
        return
    words = {Outcome.ADDED: _("new"), Outcome.EXTENDED: _("extended"), Outcome.KNOWN: _("known already")}
    put(f"{words[added.outcome]}: {'; '.join(added.group.terms)}")


def remove(
    term: Annotated[str, typer.Argument(help=_("The word."))],
    other: Annotated[str | None, typer.Argument(help=_("Only this synonym of it."))] = None,
    as_json: AsJson = False,
) -> None:
    """Forget that a word means the same as others."""

    async def work() -> int:
        async with opened() as surroundings, unit_of_work(surroundings.database) as unit:
            return await SynonymService(unit.session).remove(term, other)

    count = run_async(work)
    if as_json:
        put_json({"changed": count})
    else:
        put(ngettext("{count} group changed.", "{count} groups changed.", count).format(count=count))


def import_list(
    file: Annotated[Path, typer.Argument(help=_("A text file; # begins a comment."))], as_json: AsJson = False
) -> int:
    """Add the groups of a list; exit code 1 when lines were left out."""

    async def work() -> SynonymReport:
        async with opened() as surroundings, unit_of_work(surroundings.database) as unit:
            return await SynonymService(unit.session).import_file(file)

    report = run_async(work)
    if as_json:
        put_json(asdict(report))
    else:
        put(
            _("{added} new, {extended} extended, {known} known already.").format(
                added=report.added, extended=report.extended, known=report.known
            )
        )
    for problem in report.problems:
        say(_("Line {line} was left out: {reason}").format(line=problem.line, reason=problem.reason))
    return FAILED if report.problems else 0
