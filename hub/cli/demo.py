"""``allmende demo``: the main job on the sample library, in a folder of its own."""

import asyncio
import os
import socket
import sys
from dataclasses import replace
from functools import partial
from pathlib import Path
from uuid import UUID

from bot.core.answer_text import answer_text
from hub.cli.adding import import_files, imported
from hub.cli.asking import converse
from hub.cli.surroundings import Surroundings, opened, put, run_async, say
from hub.cli.waiting import wait_until_found
from hub.cli.web import listening, on_port_of, open_hub
from knowledge.access.links import AccessLinks
from knowledge.access.visibility import network_member
from knowledge.kit.language import _
from knowledge.kit.settings import PROJECT, Settings
from knowledge.kit.unit_of_work import unit_of_work
from knowledge.library.answers.service import AnswerService
from knowledge.library.importing import find_files
from knowledge.library.schemas import Description, ImportOutcome, ImportResult
from knowledge.models.document import Visibility
from knowledge.operations.examples import load_examples
from knowledge.operations.migrating import migrate
from knowledge.organisations.service import OrganisationService

SAMPLES = PROJECT / "samples"
DEMO_FOLDER = "ALLMENDE_DEMO_DIR"
# Three that the sample library answers, and one that it cannot.
QUESTIONS = (
    "Was kostet es, unsere Straßen mit einer Kamera erfassen zu lassen?",
    "Seit wann gilt die Pflicht zur KI-Kompetenz nach Artikel 4?",
    "Wie viele Maßnahmen im Smart-Cities-Programm erwähnen KI?",
    "Wie hoch ist der Hebesatz der Gewerbesteuer in Potsdam?",
)


def demo() -> None:
    """Load the sample library, answer three questions, abstain once; at a terminal, open the hub and talk."""
    folder = Path(os.environ.get(DEMO_FOLDER) or PROJECT / "demo-data").absolute()
    os.environ["ALLMENDE_DATA_DIR"] = str(folder)
    # The demo stays in its own folder, whatever a person has set up for real.
    os.environ.pop("ALLMENDE_DATABASE_URL", None)
    run_async(_demo)


async def _demo() -> None:
    async with opened(check=False) as surroundings:
        # Nothing in it is worth a backup first.
        await migrate(surroundings.database)
        say(_("The sample library lies in {folder}.").format(folder=surroundings.settings.data_folder))
        await load_samples(surroundings)
        moderator = await fill_queue(surroundings)
        await _show_questions(surroundings)
        if sys.stdin.isatty() and sys.stdout.isatty():
            with listening(_at_home(surroundings.settings)) as bound:
                await _open_house(on_port_of(surroundings, bound), bound, moderator)


async def fill_queue(surroundings: Surroundings) -> UUID:
    """Bring in contributions that wait for a moderator, and return the moderator's identifier."""
    async with unit_of_work(surroundings.database) as unit:
        return await load_examples(unit.session, SAMPLES / "contributions.json")


def _at_home(settings: Settings) -> Settings:
    """Return settings with the hub on this machine alone, on any free port."""
    here = {"hub_host": "127.0.0.1", "hub_port": 0, "hub_url": None}
    return replace(settings, hub=settings.hub.model_copy(update=here))


async def _open_house(surroundings: Surroundings, bound: socket.socket, moderator: UUID) -> None:
    """Serve the hub as long as somebody talks here."""
    async with unit_of_work(surroundings.database) as unit:
        issued = await AccessLinks(unit.session).recovery_link(moderator)
    address = surroundings.settings.hub.address
    async with surroundings.indexes() as indexes:
        await indexes.settle()
        answers = AnswerService(surroundings.database, indexes, surroundings.settings.answers, hub=address)
        ready = partial(say, _("The hub: {address}").format(address=address))
        async with open_hub(surroundings, answers, bound, asyncio.Event(), ready=ready):
            say(_("Contributions wait there. A moderator signs in with this link, once, within an hour:"))
            say(f"{address}{issued.path}")
            say(_("The hub stays open as long as you talk here; /quit or Ctrl-C ends both."))
            await converse(surroundings, answers, network_member())


async def load_samples(surroundings: Surroundings) -> list[ImportOutcome]:
    """Bring the sample library in and wait until it can be found; a second time nothing changes."""
    async with unit_of_work(surroundings.database) as unit:
        await OrganisationService(unit.session).load_examples(SAMPLES / "organisations.json")
    async with surroundings.indexes() as indexes:
        files = find_files([SAMPLES / "library"])
        outcomes = await import_files(surroundings, files, Description(visibility=Visibility.PUBLIC), _say_failure)
        await wait_until_found(indexes, imported(outcomes))
    say(_("{count} documents are in the library.").format(count=len(outcomes)))
    return outcomes


def _say_failure(outcome: ImportOutcome) -> None:
    if outcome.result is ImportResult.FAILED:
        say(f"{outcome.source}: {outcome.message}")


async def _show_questions(surroundings: Surroundings) -> None:
    async with surroundings.indexes() as indexes:
        answers = AnswerService(surroundings.database, indexes, surroundings.settings.answers)
        for question in QUESTIONS:
            reply = await answers.ask(question, network_member())
            heading = _("Question: {text}").format(text=question)
            put(f"\n{'─' * 72}\n{heading}\n\n{answer_text(reply)}")
    put("")
