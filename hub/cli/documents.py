"""``allmende documents``: what is in the library, out of it and back, as JSON lines."""

import os
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, Annotated, Any
from uuid import UUID

import typer

from hub.cli.asking import choose_viewer
from hub.cli.options import AsJson, AsMember, ForVisibility, Reference
from hub.cli.output import put_json, put_json_line
from hub.cli.surroundings import Surroundings, opened, put, run_async, say
from hub.cli.waiting import wait_until_found
from knowledge.circles.service import CircleService
from knowledge.kit.errors import AllmendeError
from knowledge.kit.language import _, ngettext
from knowledge.kit.unit_of_work import unit_of_work
from knowledge.library.answers.citations import passage_locator
from knowledge.library.listing import near_duplicates
from knowledge.library.repository import DocumentFilter, DocumentRepository
from knowledge.library.service import LibraryService
from knowledge.library.transfer import TransferOutcome, TransferResult, TransferService, read_line
from knowledge.models.document import Document, DocumentVersion, Kind, Passage, Status
from knowledge.models.organisation import Organisation
from knowledge.operations.safe_file import new_file
from knowledge.organisations.service import OrganisationService

FAILED = 1
STREAM = "-"
# Bytes; the longest documents have some megabytes of text.
LONGEST_LINE = 256 * 1024 * 1024
CHANGED = (TransferResult.ADDED, TransferResult.NEW_VERSION, TransferResult.UPDATED)
# Columns of a table where nobody watches.
WIDE = 140

References = Annotated[
    list[str], typer.Argument(metavar="DOCUMENT…", help=_("Their keys, the beginnings of them, or their sources."))
]
NoWait = Annotated[bool, typer.Option("--no-wait", help=_("Do not wait until the indexes have followed."))]


def register(group: typer.Typer) -> None:
    """Put the commands into their group."""
    group.command("list", help=_("List the documents."))(list_documents)
    group.command("show", help=_("Show everything about a document."))(show)
    group.command("withdraw", help=_("Take documents out of every way of finding them."))(withdraw)
    group.command("restore", help=_("Let withdrawn documents be found again."))(restore)
    group.command("export", help=_("Write all documents as JSON lines."))(export)
    group.command("import", help=_("Take in what “export” wrote."))(import_lines)


def list_documents(  # noqa: PLR0913, PLR0917 - each parameter is an option of the command
    kind: Annotated[Kind | None, typer.Option(help=_("Only this kind."))] = None,
    status: Annotated[Status | None, typer.Option(help=_("Only published or withdrawn ones."))] = None,
    text: Annotated[str | None, typer.Option(help=_("Only with this in title, source or publisher."))] = None,
    member: AsMember = None,
    visibility: ForVisibility = None,
    as_json: AsJson = False,
) -> None:
    """List the documents."""

    async def work() -> list[dict[str, Any]]:
        async with opened() as surroundings:
            seen = member is not None or visibility is not None
            viewer = await choose_viewer(surroundings, member, visibility) if seen else None
            wanted = DocumentFilter(viewer=viewer, kind=kind, status=status, text=text)
            async with unit_of_work(surroundings.database, writes=False) as unit:
                documents = DocumentRepository(unit.session)
                rows = await documents.listed(wanted)
                counts = await documents.passage_counts()
                keys = [document.id for document, _organisation in rows]
                similar = await near_duplicates(unit.session, keys) if as_json else {}
                circles = await CircleService(unit.session).repository.names()
        sources = {document.id: document.source for document, _organisation in rows}
        return [
            describe(document, organisation, circles)
            | {
                "passages": counts.get(document.id, 0),
                "similar_to": sorted(sources[other] for other in similar.get(document.id, [])),
            }
            for document, organisation in rows
        ]

    found = run_async(work)
    if as_json:
        for row in found:
            put_json_line(row)
    elif found:
        _put_table(found)
    if not found:
        say(_("No document matches. “allmende add PATH” brings some in."))


def describe(document: Document, organisation: Organisation | None, circles: Mapping[UUID, str]) -> dict[str, Any]:
    """Return everything that is said about a document; ``circles`` holds the names of all circles."""
    values: dict[str, Any] = {"document": str(document.id)}
    for name in ("source", "title", "kind", "publisher"):
        values[name] = getattr(document, name)
    values["organisation"] = {"key": organisation.key, "name": organisation.name} if organisation else None
    for name in ("year", "licence", "rights", "url", "language", "visibility", "status"):
        values[name] = getattr(document, name)
    values["circle"] = circles[document.circle_id] if document.circle_id else None
    values["state"] = document.state_key
    for name in ("valid_from", "valid_until", "review_by", "topics", "details", "version", "added_by"):
        values[name] = getattr(document, name)
    for name in ("created_at", "updated_at", "withdrawn_at"):
        values[name] = getattr(document, name)
    return values


def _put_table(rows: Sequence[dict[str, Any]]) -> None:
    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else WIDE
    heads = [_("key"), _("title"), _("kind"), _("year"), _("visible to"), _("status"), _("passages")]
    cells = [
        [
            UUID(row["document"]).hex[:8],
            " ".join(str(row["title"]).split()),
            row["kind"].value,
            str(row["year"] or ""),
            row["circle"] or row["visibility"].value,
            row["status"].value,
            str(row["passages"]),
        ]
        for row in rows
    ]
    widths = [max(len(line[column]) for line in [heads, *cells]) for column in range(len(heads))]
    widths[1] = max(10, min(widths[1], width - sum(widths) + widths[1] - 2 * (len(widths) - 1)))
    for line in [heads, *cells]:
        fitted = [_fit(cell, size) for cell, size in zip(line, widths, strict=True)]
        put("  ".join(fitted).rstrip())


def _fit(text: str, size: int) -> str:
    return (text if len(text) <= size else text[: size - 1] + "…").ljust(size)


@dataclass(frozen=True, slots=True)
class _Shown:
    document: Document
    organisation: Organisation | None
    circles: Mapping[UUID, str]
    versions: Sequence[DocumentVersion]
    passages: Sequence[Passage]


def show(
    reference: Reference,
    passages: Annotated[bool, typer.Option("--passages", help=_("Also all passages."))] = False,
    as_json: AsJson = False,
) -> None:
    """Show everything about a document."""

    async def work() -> _Shown:
        async with opened() as surroundings, unit_of_work(surroundings.database, writes=False) as unit:
            service, documents = LibraryService(unit), DocumentRepository(unit.session)
            document = await service.find_document(reference)
            organisation = None
            if document.organisation_id is not None:
                organisation = await OrganisationService(unit.session).repository.get(document.organisation_id)
            return _Shown(
                document,
                organisation,
                await CircleService(unit.session).repository.names(),
                await documents.versions(document.id),
                await documents.passages_of(document.id),
            )

    shown = run_async(work)
    values = describe(shown.document, shown.organisation, shown.circles)
    values["passages"] = len(shown.passages)
    values["versions"] = [_version(version) for version in shown.versions]
    if passages:
        values["texts"] = [_passage(passage) for passage in shown.passages]
    if as_json:
        put_json(values)
    else:
        _put_details(values)


def _version(version: DocumentVersion) -> dict[str, Any]:
    names = ("number", "content_hash", "media_type", "size", "added_by", "created_at")
    return {name: getattr(version, name) for name in names}


def _passage(passage: Passage) -> dict[str, Any]:
    return {
        "id": passage.id,
        "locator": passage_locator(passage),
        "headings": passage.headings,
        "quotable": passage.quotable,
        "text": passage.text,
    }


def _put_details(values: dict[str, Any]) -> None:
    for name, label in _labels().items():
        if values[name] not in (None, [], {}):
            put(f"{label:<20}{_readable(values[name])}")
    for version in values["versions"]:
        put(
            _("version {number}: {moment} UTC, {media_type}, {size} bytes, SHA-256 {hash}").format(
                number=version["number"],
                moment=f"{version['created_at']:%Y-%m-%d %H:%M}",
                media_type=version["media_type"],
                size=version["size"],
                hash=version["content_hash"],
            )
        )
    for text in values.get("texts", []):
        put(f"\n[{text['locator'] or '–'}]\n{text['text']}")


def _labels() -> dict[str, str]:
    return {
        "document": _("key"),
        "source": _("source"),
        "title": _("title"),
        "kind": _("kind"),
        "publisher": _("publisher"),
        "organisation": _("organisation"),
        "year": _("year"),
        "licence": _("licence"),
        "rights": _("rights"),
        "url": _("address"),
        "language": _("language"),
        "visibility": _("visible to"),
        "circle": _("circle"),
        "status": _("status"),
        "state": _("Land"),
        "valid_from": _("valid from"),
        "valid_until": _("valid until"),
        "review_by": _("to be reviewed by"),
        "topics": _("topics"),
        "details": _("details"),
        "added_by": _("added by"),
        "created_at": _("added at"),
        "updated_at": _("changed at"),
        "withdrawn_at": _("withdrawn at"),
        "passages": _("passages"),
    }


def _readable(value: Any) -> str:
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M} UTC"
    if isinstance(value, dict):
        return ", ".join(f"{key}: {item}" for key, item in value.items())
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def withdraw(references: References, no_wait: NoWait = False, as_json: AsJson = False) -> None:
    """Take documents out of every way of finding them."""
    run_async(lambda: _set_status(references, Status.WITHDRAWN, wait=not no_wait, as_json=as_json))


def restore(references: References, no_wait: NoWait = False, as_json: AsJson = False) -> None:
    """Let withdrawn documents be found again."""
    run_async(lambda: _set_status(references, Status.PUBLISHED, wait=not no_wait, as_json=as_json))


async def _set_status(references: Sequence[str], status: Status, *, wait: bool, as_json: bool) -> None:
    """Change all of the documents or, where one of them is unknown, none."""
    async with opened() as surroundings, AsyncExitStack() as stack:
        indexes = await stack.enter_async_context(surroundings.indexes()) if wait else None
        changed: dict[UUID, Document] = {}
        async with unit_of_work(surroundings.database) as unit:
            service = LibraryService(unit)
            documents = {found.id: found for found in [await service.find_document(text) for text in references]}
            change = service.withdraw if status is Status.WITHDRAWN else service.restore
            for document in documents.values():
                if await change(document):
                    changed[document.id] = document
        if indexes is not None:
            await wait_until_found(indexes, list(changed))
    for document in documents.values():
        _put_status(document, changed=document.id in changed, as_json=as_json)


def _put_status(document: Document, *, changed: bool, as_json: bool) -> None:
    if as_json:
        values = {"document": str(document.id), "source": document.source, "title": document.title}
        put_json_line(values | {"status": document.status, "changed": changed})
        return
    words = {
        (Status.WITHDRAWN, True): _("withdrawn: {source}"),
        (Status.WITHDRAWN, False): _("already withdrawn: {source}"),
        (Status.PUBLISHED, True): _("can be found again: {source}"),
        (Status.PUBLISHED, False): _("was not withdrawn: {source}"),
    }
    put(words[document.status, changed].format(source=document.source))


def export(
    file: Annotated[str, typer.Argument(metavar="[FILE|-]", help=_("A new file (default: standard output)."))] = STREAM,
    published: Annotated[bool, typer.Option("--published", help=_("Without withdrawn documents."))] = False,
) -> None:
    """Write all documents as JSON lines."""
    if file == STREAM:
        run_async(lambda: _export(sys.stdout.buffer, published=published))
        return
    with new_file(Path(file)) as stream:
        count = run_async(lambda: _export(stream, published=published))
    say(ngettext("{count} document written.", "{count} documents written.", count).format(count=count))


async def _export(stream: IO[bytes], *, published: bool) -> int:
    count = 0
    async with opened() as surroundings, unit_of_work(surroundings.database, writes=False) as unit:
        async for line in TransferService(unit).export(published=published):
            stream.write(line.model_dump_json().encode() + b"\n")
            count += 1
    stream.flush()
    return count


def import_lines(
    file: Annotated[str, typer.Argument(metavar="FILE|-", help=_("What “export” wrote; “-” is standard input."))],
    no_wait: NoWait = False,
    as_json: AsJson = False,
) -> int:
    """Take in what ``export`` wrote; exit code 1 when lines could not be used."""
    with _lines_from(file) as stream:
        outcomes = run_async(lambda: _import(stream, wait=not no_wait, as_json=as_json))
    if not as_json:
        _sum_up(outcomes)
    return FAILED if any(outcome.result is TransferResult.FAILED for outcome in outcomes) else 0


@contextmanager
def _lines_from(file: str) -> Iterator[IO[bytes]]:
    """Open what is to be imported; standard input is read to its end first, so that Ctrl-C always ends it."""
    if file != STREAM:
        with Path(file).open("rb") as stream:
            yield stream
        return
    with tempfile.TemporaryFile() as stream:
        shutil.copyfileobj(sys.stdin.buffer, stream)
        stream.seek(os.SEEK_SET)
        yield stream


async def _import(stream: IO[bytes], *, wait: bool, as_json: bool) -> list[TransferOutcome]:
    outcomes: list[TransferOutcome] = []
    async with opened() as surroundings, AsyncExitStack() as stack:
        indexes = await stack.enter_async_context(surroundings.indexes()) if wait else None
        async for outcome in _outcomes(surroundings, stream):
            outcomes.append(outcome)
            _put_outcome(outcome, as_json=as_json)
        if indexes is not None:
            changed = [item.document for item in outcomes if item.document and item.result in CHANGED]
            await wait_until_found(indexes, [UUID(document) for document in changed])
    return outcomes


async def _outcomes(surroundings: Surroundings, stream: IO[bytes]) -> AsyncIterator[TransferOutcome]:
    """Take in line after line, each in a transaction of its own; yields what became of each."""
    for number, line in _numbered(stream):
        try:
            document = read_line(line)
        except AllmendeError as error:
            yield TransferOutcome(number, None, TransferResult.FAILED, message=error.message)
            continue
        try:
            async with unit_of_work(surroundings.database) as unit:
                outcome = await TransferService(unit).take_in(document, number=number)
        except AllmendeError as error:
            outcome = TransferOutcome(number, document.source, TransferResult.FAILED, message=error.message)
        yield outcome


def _numbered(stream: IO[bytes]) -> Iterator[tuple[int, bytes]]:
    """Yield the lines that are not empty; of one that is far too long only the beginning, which cannot be read."""
    number = 0
    while line := stream.readline(LONGEST_LINE):
        number += 1
        if len(line) == LONGEST_LINE:
            while (rest := stream.readline(LONGEST_LINE)) and not rest.endswith(b"\n"):
                pass
        content = line.removeprefix(b"\xef\xbb\xbf").strip()
        if content:
            yield number, content


def _put_outcome(outcome: TransferOutcome, *, as_json: bool) -> None:
    if as_json:
        put_json_line(asdict(outcome))
        return
    words = {
        TransferResult.ADDED: _("new"),
        TransferResult.NEW_VERSION: _("new version"),
        TransferResult.UPDATED: _("updated"),
        TransferResult.UNCHANGED: _("unchanged"),
        TransferResult.KEPT: _("kept as it is, being newer here"),
        TransferResult.FAILED: _("FAILED"),
    }
    place = outcome.source or _("line {number}").format(number=outcome.line)
    if outcome.message and outcome.source:
        place = _("line {number}, {source}").format(number=outcome.line, source=outcome.source)
    put(f"{words[outcome.result]}: {place}" + (f" – {outcome.message}" if outcome.message else ""))


def _sum_up(outcomes: Sequence[TransferOutcome]) -> None:
    if not outcomes:
        say(_("There is no document in there."))
        return
    counts = Counter(outcome.result for outcome in outcomes)
    say(
        _("{added} new, {changed} changed, {unchanged} unchanged, {failed} failed.").format(
            added=counts[TransferResult.ADDED],
            changed=counts[TransferResult.NEW_VERSION] + counts[TransferResult.UPDATED],
            unchanged=counts[TransferResult.UNCHANGED] + counts[TransferResult.KEPT],
            failed=counts[TransferResult.FAILED],
        )
    )
