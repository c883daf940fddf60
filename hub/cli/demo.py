"""``allmende demo``: the main job on the sample library, in a folder of its own."""

import os
import sys
from pathlib import Path

from bot.core.answer_text import answer_text
from hub.cli.adding import import_files, imported
from hub.cli.asking import talk
from hub.cli.surroundings import Surroundings, opened, put, run_async, say
from hub.cli.waiting import wait_until_found
from knowledge.kit.language import _
from knowledge.kit.settings import PROJECT
from knowledge.kit.unit_of_work import unit_of_work
from knowledge.library.answers.service import AnswerService
from knowledge.library.importing import find_files
from knowledge.library.schemas import Description, ImportOutcome, ImportResult
from knowledge.library.visibility import network_member
from knowledge.models.document import Visibility
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
    """Load the sample library, answer three questions, abstain once, then talk with whoever is there."""
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
        await _show_questions(surroundings)
        if sys.stdin.isatty() and sys.stdout.isatty():
            await talk(surroundings, network_member())


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
