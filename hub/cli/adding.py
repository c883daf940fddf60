"""``allmende add``: files and folders come in."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer

from hub.cli.options import AsJson, CircleOption, KindOption, RightsOption, date_option
from hub.cli.output import Progress, put_json_line
from hub.cli.surroundings import Surroundings, opened, put, run_async, say
from hub.cli.waiting import wait_until_found
from knowledge.access.visibility import HouseNeedsOrganisation
from knowledge.circles.service import CircleService
from knowledge.kit.errors import NotFound
from knowledge.kit.language import _, ngettext
from knowledge.kit.settings import load_settings
from knowledge.kit.unit_of_work import unit_of_work
from knowledge.library.descriptions import WrongDescription, check_description
from knowledge.library.files.reader import FileReader
from knowledge.library.importing import FoundFile, Importer, find_files, read_limits
from knowledge.library.schemas import Description, ImportOutcome, ImportResult
from knowledge.models.document import Visibility
from knowledge.organisations.service import OrganisationService
from knowledge.organisations.states import find_state

FAILED = 1


def add(  # noqa: PLR0913, PLR0917 - each parameter is an option of the command
    paths: Annotated[list[Path], typer.Argument(help=_("Files and folders; folders are walked recursively."))],
    title: Annotated[str | None, typer.Option(help=_("Title (default: what the file says)."))] = None,
    kind: KindOption = None,
    publisher: Annotated[str | None, typer.Option(help=_("Who published it."))] = None,
    organisation: Annotated[str | None, typer.Option(metavar="KEY", help=_("The organisation it belongs to."))] = None,
    year: Annotated[int | None, typer.Option(help=_("Year of publication."))] = None,
    licence: Annotated[str | None, typer.Option(help=_("Licence, such as CC BY 4.0."))] = None,
    rights: RightsOption = None,
    url: Annotated[str | None, typer.Option(help=_("Where the original can be found."))] = None,
    language: Annotated[str | None, typer.Option(help=_("Language of the text, such as de or en."))] = None,
    visibility: Annotated[Visibility | None, typer.Option(help=_("Who may find it (default: network)."))] = None,
    circle: CircleOption = None,
    state: Annotated[str | None, typer.Option(help=_("The Land that it applies to."))] = None,
    valid_from: Annotated[date | None, date_option(_("The first day that it is valid."))] = None,
    valid_until: Annotated[date | None, date_option(_("The last day that it is valid."))] = None,
    review_by: Annotated[
        date | None, date_option(_("The day by which somebody should look whether it is still right."))
    ] = None,
    topic: Annotated[list[str] | None, typer.Option(help=_("A topic; may be given several times."))] = None,
    no_wait: Annotated[bool, typer.Option("--no-wait", help=_("Do not wait until it can be found."))] = False,
    as_json: AsJson = False,
) -> int:
    """Import files and folders; exit code 1 when some failed."""
    given = check_description(
        Description(
            title=title,
            kind=kind,
            publisher=publisher,
            organisation=organisation,
            year=year,
            licence=licence,
            rights=rights,
            url=url,
            language=language,
            visibility=visibility,
            circle=circle,
            state=state,
            valid_from=valid_from,
            valid_until=valid_until,
            review_by=review_by,
            topics=tuple(topic or ()),
        )
    )
    return run_async(lambda: _add(paths, given, wait=not no_wait, as_json=as_json))


async def _add(paths: Sequence[Path], given: Description, *, wait: bool, as_json: bool) -> int:
    files = find_files(paths, but=load_settings().data_folder)
    async with opened() as surroundings:
        await _check_organisation(surroundings, given)
        show = _show_json if as_json else _show
        if wait:
            async with surroundings.indexes() as indexes:
                outcomes = await import_files(surroundings, files, given, show)
                await wait_until_found(indexes, imported(outcomes))
        else:
            outcomes = await import_files(surroundings, files, given, show)
    if not as_json:
        _sum_up(outcomes)
    return FAILED if any(item.result is ImportResult.FAILED for item in outcomes) else 0


async def _check_organisation(surroundings: Surroundings, given: Description) -> None:
    """Refuse what every file would stumble over, before the first one is read."""
    if given.visibility is Visibility.HOUSE and not given.organisation:
        raise HouseNeedsOrganisation
    if given.state:
        find_state(given.state)
    if given.circle:
        async with unit_of_work(surroundings.database, writes=False) as unit:
            try:
                await CircleService(unit.session).get(given.circle)
            except NotFound as error:
                raise WrongDescription(f"--circle: {error.message}") from error
    if given.organisation:
        async with unit_of_work(surroundings.database, writes=False) as unit:
            try:
                await OrganisationService(unit.session).get_usable(given.organisation)
            except NotFound as error:
                raise WrongDescription(f"--organisation: {error.message}") from error


async def import_files(
    surroundings: Surroundings, files: Sequence[FoundFile], given: Description, show: Callable[[ImportOutcome], None]
) -> list[ImportOutcome]:
    """Import files one after the other, showing what became of each; returns all outcomes."""
    limits = read_limits(surroundings.settings.imports)
    outcomes: list[ImportOutcome] = []
    async with FileReader(limits, workers=surroundings.settings.imports.import_workers) as reader:
        importer = Importer(surroundings.database, reader, limits)
        with Progress(_("Reading files …"), len(files)) as progress:
            async for outcome in importer.run(files, given):
                outcomes.append(outcome)
                show(outcome)
                progress.step()
    return outcomes


def imported(outcomes: Sequence[ImportOutcome]) -> list[UUID]:
    """Return the documents of outcomes: also unchanged ones, which a killed command may have left to be indexed."""
    return [UUID(item.document) for item in outcomes if item.document]


def _show_json(outcome: ImportOutcome) -> None:
    put_json_line(asdict(outcome))


def _show(outcome: ImportOutcome) -> None:
    words = {
        ImportResult.ADDED: _("new"),
        ImportResult.NEW_VERSION: _("new version"),
        ImportResult.UNCHANGED: _("unchanged"),
        ImportResult.SKIPPED: _("skipped"),
        ImportResult.FAILED: _("FAILED"),
    }
    line = f"{words[outcome.result]}: {' '.join(outcome.source.splitlines())}"
    if outcome.message and outcome.result is not ImportResult.UNCHANGED:
        line += f" – {outcome.message}"
    if outcome.similar_to:
        line += " – " + _("nearly the same text as {sources}").format(sources=", ".join(outcome.similar_to))
    put(line)


def _sum_up(outcomes: Sequence[ImportOutcome]) -> None:
    if not outcomes:
        say(_("There is no file in there."))
        return
    counts = Counter(item.result for item in outcomes)
    passages = sum(item.passages for item in outcomes)
    say(
        _("{added} new, {versions} new versions, {unchanged} unchanged, {skipped} skipped, {failed} failed.").format(
            added=counts[ImportResult.ADDED],
            versions=counts[ImportResult.NEW_VERSION],
            unchanged=counts[ImportResult.UNCHANGED],
            skipped=counts[ImportResult.SKIPPED],
            failed=counts[ImportResult.FAILED],
        )
        + " "
        + ngettext("{count} passage can be found.", "{count} passages can be found.", passages).format(count=passages)
    )
