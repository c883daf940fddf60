"""``allmende ask``, ``search``, ``chat`` and ``trace``."""

import os
from contextlib import ExitStack
from typing import Annotated

import typer

from bot.core.answer_text import answer_text
from bot.handlers.registry import build_registry
from bot.terminal.adapter import TerminalAdapter
from bot.terminal.chat import Conversation, claim_name
from hub.cli.failures import explain
from hub.cli.options import AsJson, AsMember, ForVisibility
from hub.cli.output import put_json, put_json_line
from hub.cli.surroundings import Surroundings, opened, put, run_async, say
from hub.cli.tracing import trace_text
from hub.cli.typed import typed_lines
from knowledge.access.visibility import Viewer, anybody, network_member
from knowledge.kit.errors import AllmendeError
from knowledge.kit.language import _
from knowledge.kit.unit_of_work import unit_of_work
from knowledge.library.answers.schemas import Reply
from knowledge.library.answers.service import AnswerService
from knowledge.library.answers.traces import find_trace
from knowledge.members.service import MemberService
from knowledge.models.document import Visibility
from knowledge.organisations.service import OrganisationService

LARGEST_LIMIT = 100


def ask(
    question: Annotated[str, typer.Argument(help=_("The question, in your own words."))],
    member: AsMember = None,
    visibility: ForVisibility = None,
    as_json: AsJson = False,
) -> None:
    """Answer one question."""

    async def work() -> None:
        async with opened() as surroundings:
            viewer = await choose_viewer(surroundings, member, visibility)
            async with surroundings.indexes() as indexes:
                await indexes.settle()
                answers = AnswerService(surroundings.database, indexes, surroundings.settings.answers)
                # Shown before the indexes are closed, which takes a moment.
                _put_reply(await answers.ask(readable(question), viewer), as_json=as_json)

    run_async(work)


def readable(argument: str) -> str:
    """Return an argument as text; bytes that are no UTF-8 become question marks in boxes."""
    return os.fsencode(argument).decode("utf-8", "replace")


def _put_reply(reply: Reply, *, as_json: bool) -> None:
    if as_json:
        for hint in reply.hints:
            say(hint)
        put_json(reply.as_json())
    else:
        put(answer_text(reply))
        put("\n" + _("Everything behind this answer: allmende trace {id}").format(id=reply.answer_id))


def search(
    limit: Annotated[int, typer.Option(min=1, max=LARGEST_LIMIT, help=_("Passages per query at most."))] = 10,
    member: AsMember = None,
    visibility: ForVisibility = None,
    as_json: AsJson = False,  # noqa: ARG001 - the output is always JSON lines; the option is accepted everywhere
) -> None:
    """Find passages for each line of standard input; one JSON line for each."""

    async def work() -> None:
        async with opened() as surroundings:
            viewer = await choose_viewer(surroundings, member, visibility)
            async with surroundings.indexes() as indexes:
                await indexes.settle()
                answers = AnswerService(surroundings.database, indexes, surroundings.settings.answers)
                async for line in typed_lines():
                    put_json_line(await _search_line(answers, line, viewer, limit))

    run_async(work)


async def _search_line(answers: AnswerService, query: str, viewer: Viewer, limit: int) -> dict[str, object]:
    try:
        return (await answers.search(query, viewer, limit=limit)).as_json()
    except AllmendeError as error:
        problem = error.message
    except Exception as error:  # noqa: BLE001 - the edge: one line that fails must not cost the others theirs
        problem, _code = explain(error)
    return {"query": query, "confidence": 0.0, "results": [], "error": problem}


def chat(member: AsMember = None, visibility: ForVisibility = None) -> None:
    """Talk in the terminal."""

    async def work() -> None:
        async with opened() as surroundings:
            viewer = await choose_viewer(surroundings, member, visibility)
            await talk(surroundings, viewer)

    run_async(work)


async def talk(surroundings: Surroundings, viewer: Viewer) -> None:
    """Open the indexes and hold a conversation in the terminal."""
    async with surroundings.indexes() as indexes:
        await indexes.settle()
        answers = AnswerService(surroundings.database, indexes, surroundings.settings.answers)
        await converse(surroundings, answers, viewer)


async def converse(surroundings: Surroundings, answers: AnswerService, viewer: Viewer) -> None:
    """Hold a conversation in the terminal."""
    settings, database = surroundings.settings, surroundings.database
    conversation = Conversation(settings, database, answers, build_registry())
    with ExitStack() as stack:
        name = claim_name(settings.data_folder, stack)
        adapter = TerminalAdapter(typed_lines(prompt="> "), put, name=name)
        await conversation.hold(adapter, put, viewer)


def trace(
    answer_id: Annotated[str, typer.Argument(metavar="ID", help=_("The answer's id, or the beginning of it."))],
    as_json: AsJson = False,
) -> None:
    """Show everything behind one answer."""

    async def work() -> dict[str, object]:
        async with opened() as surroundings, unit_of_work(surroundings.database, writes=False) as unit:
            return await find_trace(unit.session, answer_id)

    found = run_async(work)
    if as_json:
        put_json(found)
    else:
        put(trace_text(found))


async def choose_viewer(surroundings: Surroundings, member: str | None, visibility: Visibility | None) -> Viewer:
    """Return whose eyes to look with: a member's, everybody's, or the network's."""
    if visibility is Visibility.PUBLIC:
        return anybody()
    if visibility is Visibility.CIRCLE:
        raise typer.BadParameter(_("A circle's documents are found in its own group only."))
    if visibility is Visibility.HOUSE and member is None:
        raise typer.BadParameter(_("“house” needs --as MEMBER: whose house?"))
    if member is None:
        return network_member()
    async with unit_of_work(surroundings.database, writes=False) as unit:
        entry = await MemberService(unit.session).get(member)
        state_key = None
        if entry.organisation_id is not None:
            organisation = await OrganisationService(unit.session).repository.get(entry.organisation_id)
            state_key = organisation.state_key if organisation else None
    return network_member(entry.organisation_id, state_key=state_key)
