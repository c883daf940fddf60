"""``allmende organisations``: the official register, other bodies, and finding one."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from hub.cli.options import AsJson
from hub.cli.output import put_json, put_json_line
from hub.cli.spoken import Commands
from hub.cli.surroundings import opened, put, run_async, say
from knowledge.kit.language import _
from knowledge.kit.unit_of_work import unit_of_work
from knowledge.members.domains import MailDomainService
from knowledge.members.schemas import DomainEntry
from knowledge.models.organisation import OrganisationKind
from knowledge.organisations.schemas import FoundOrganisation, NewOrganisation, RegisterReport
from knowledge.organisations.service import OrganisationService


def register(group: typer.Typer) -> None:
    """Put the commands into their group."""
    group.command("import", help=_("Import the official register (GV100AD)."))(import_register)
    group.command("find", help=_("Find an organisation by name, Regionalschlüssel or AGS."))(find)
    group.command("add", help=_("Add a body that is in no register, such as a competence centre."))(add)
    domains = Commands()
    domains.command("add", help=_("Register a mail domain: whoever receives mail there works here."))(add_domain)
    domains.command("list", help=_("List the mail domains."))(list_domains)
    domains.command("remove", help=_("Forget a mail domain; members whom it verified stay."))(remove_domain)
    group.add_typer(domains, name="domain", help=_("Mail domains by which staff are verified."))


def import_register(
    file: Annotated[Path, typer.Argument(help=_("The unpacked text file GV100AD_….txt."))],
    force: Annotated[bool, typer.Option("--force", help=_("Also if it is older or dissolves very many."))] = False,
    as_json: AsJson = False,
) -> None:
    """Import the official register."""

    async def work() -> RegisterReport:
        async with opened() as surroundings, unit_of_work(surroundings.database) as unit:
            return await OrganisationService(unit.session).import_register(file, force=force)

    report = run_async(work)
    if as_json:
        put_json(asdict(report))
        return
    put(
        _(
            "Register of {day}: {states} states, {districts} districts, {associations} associations, "
            "{municipalities} municipality records, of which {unincorporated} are unincorporated areas."
        ).format(
            day=report.as_of.isoformat(),
            states=report.states,
            districts=report.districts,
            associations=report.associations,
            municipalities=report.municipalities,
            unincorporated=report.unincorporated,
        )
    )
    put(
        _("{added} new, {updated} changed, {dissolved} dissolved, {unchanged} unchanged.").format(
            added=report.added, updated=report.updated, dissolved=report.dissolved, unchanged=report.unchanged
        )
    )


def find(
    text: Annotated[str, typer.Argument(help=_("A name, or the beginning of a key."))],
    kind: Annotated[list[OrganisationKind] | None, typer.Option(help=_("Only this level."))] = None,
    limit: Annotated[int, typer.Option(min=1, max=100, help=_("How many at most."))] = 10,
    as_json: AsJson = False,
) -> None:
    """Find organisations."""

    async def work() -> list[FoundOrganisation]:
        async with opened() as surroundings, unit_of_work(surroundings.database, writes=False) as unit:
            return await OrganisationService(unit.session).find(text, kinds=kind or None, limit=limit)

    found = run_async(work)
    for organisation in found:
        if as_json:
            put_json_line(asdict(organisation))
        else:
            put(_line(organisation))
    if not found:
        say(_("No organisation is called like this. Has the register been imported?"))


def _line(found: FoundOrganisation) -> str:
    around = ", ".join(name for name in (found.association, found.district, found.state) if name and name != found.name)
    return f"{found.key:<14}{found.name} ({found.label}{'; ' + around if around else ''})"


def add(
    name: Annotated[str, typer.Argument(help=_("Its name."))],
    kind: Annotated[OrganisationKind, typer.Option(help=_("What it is."))] = OrganisationKind.OTHER,
    key: Annotated[str | None, typer.Option(help=_("A key of your own (default: made from the name)."))] = None,
    state: Annotated[str | None, typer.Option(help=_("The Land it is in."))] = None,
    as_json: AsJson = False,
) -> None:
    """Add a body that is in no register."""

    async def work() -> dict[str, str | None]:
        async with opened() as surroundings, unit_of_work(surroundings.database) as unit:
            body = NewOrganisation(name=name, kind=kind, key=key, state=state)
            made = await OrganisationService(unit.session).add(body)
            return {"key": made.key, "name": made.name, "kind": made.kind.value, "state_key": made.state_key}

    made = run_async(work)
    if as_json:
        put_json(made)
    else:
        put(_("Added “{name}” with the key {key}.").format(name=made["name"], key=made["key"]))


def add_domain(
    key: Annotated[str, typer.Argument(help=_("The organisation's key."))],
    domain: Annotated[str, typer.Argument(help=_("What stands behind the @, as in lindenau.de."))],
    as_json: AsJson = False,
) -> None:
    """Register a mail domain."""

    async def work() -> DomainEntry:
        async with opened() as surroundings, unit_of_work(surroundings.database) as unit:
            return await MailDomainService(unit.session).add(key, domain)

    entry = run_async(work)
    if as_json:
        put_json(asdict(entry))
    else:
        message = _("Whoever receives mail at {domain} can join for “{name}”.")
        put(message.format(domain=entry.domain, name=entry.organisation_name))


def list_domains(as_json: AsJson = False) -> None:
    """List the mail domains."""

    async def work() -> Sequence[DomainEntry]:
        async with opened() as surroundings, unit_of_work(surroundings.database, writes=False) as unit:
            return await MailDomainService(unit.session).list()

    entries = run_async(work)
    for entry in entries:
        if as_json:
            put_json_line(asdict(entry))
        else:
            put(f"{entry.domain:<30}  {entry.organisation_key:<14}{entry.organisation_name}")
    if not entries:
        say(_("There are no mail domains yet. “allmende organisations domain add KEY DOMAIN” adds one."))


def remove_domain(
    domain: Annotated[str, typer.Argument(help=_("What stands behind the @, as in lindenau.de."))],
) -> None:
    """Forget a mail domain."""

    async def work() -> None:
        async with opened() as surroundings, unit_of_work(surroundings.database) as unit:
            await MailDomainService(unit.session).remove(domain)

    run_async(work)
    put(_("Removed {domain}.").format(domain=domain.strip().lower()))
