"""Do questions about a field of an experience reach that field? ``python -m bench.fields``.

Asks about each experience of the sample library, once by its matter and once as a follow-up („Was hat das gekostet?"),
and looks whether the answer quotes the right field of the right document.
"""

import argparse
import asyncio
import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import UUID

from bench.datasets import SAMPLES
from bench.figures import print_table
from bench.runs import Library
from knowledge.access.visibility import network_member
from knowledge.kit.database import Database
from knowledge.kit.settings import load_settings
from knowledge.library.answers.followups import Before
from knowledge.library.answers.schemas import PreparedAnswer
from knowledge.library.answers.service import AnswerService
from knowledge.library.indexes.access import LibraryIndexes

# What each experience is about, as somebody would call it who has not read it.
MATTERS = {
    "bauantrag-online": "der Bauantrag online",
    "buergerhaushalt-online": "der Bürgerhaushalt im Netz",
    "buergerkoffer-doerfer": "der digitale Bürgerkoffer",
    "chatbot-website": "der Chatbot auf der Website",
    "cyberangriff-wiederaufbau": "der Wiederaufbau nach dem Cyberangriff",
    "dienstvereinbarung-ki": "die Dienstvereinbarung zu KI",
    "e-akte-einfuehrung": "die Einführung der E-Akte",
    "ehrenamtsboerse": "die Ehrenamtsbörse",
    "friedhof-digital": "die digitale Friedhofsverwaltung",
    "hitzeaktionsplan": "der Hitzeaktionsplan",
    "informationssicherheit-gemeinsam": "die gemeinsame Informationssicherheitsbeauftragte",
    "kita-anmeldung-online": "die Kita-Anmeldung online",
    "leichte-sprache-website": "die Website in Leichter Sprache",
    "maengelmelder-app": "der Mängelmelder",
    "pegel-sensoren-lorawan": "die Pegelsensoren am Bach",
    "posteingang-ki": "die KI in der Poststelle",
    "ratsinformationssystem-wechsel": "der Wechsel des Ratsinformationssystems",
    "sitzungsprotokoll-ki": "die Spracherkennung für Niederschriften",
    "strassenbeleuchtung-led": "die vernetzte LED-Straßenbeleuchtung",
    "strassenzustand-kamera": "die Straßenerfassung mit der Kamera",
    "waermeplanung-konvoi": "die Wärmeplanung im Konvoi",
    "winterdienst-telematik": "die Telematik im Winterdienst",
    "wissensuebergabe-ruhestand": "die Wissensübergabe vor dem Ruhestand",
    "xrechnung-workflow": "die elektronische Rechnung",
}
# Questions by the beginning of the heading that they are about.
QUESTIONS = {
    "Kosten": ("Was hat {matter} gekostet?", "Was hat das gekostet?"),
    "Recht": ("{matter}: Welche Dienstvereinbarung gab es?", "Welche Dienstvereinbarung gab es dazu?"),
    "Was wir anders": ("{matter}: Was würden sie heute anders machen?", "Was würden sie anders machen?"),
    "Was dabei": ("{matter}: Was ist dabei herausgekommen?", "Und was kam dabei heraus?"),
    "Für wen": ("{matter}: Für wen passt das?", "Für wen passt das?"),
}


@dataclass(frozen=True, slots=True)
class Case:
    """A question about a field of a document; ``before`` is what was asked before a follow-up."""

    document: str
    heading: str
    question: str
    before: str | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """Whether the field was quoted at all, and first."""

    case: Case
    quoted: bool
    first: bool
    cited: tuple[str, ...]


def cases() -> Iterator[Case]:
    """Give all cases."""
    for name, matter in MATTERS.items():
        text = (SAMPLES / "library" / "erfahrungen" / f"{name}.md").read_text(encoding="utf-8")
        for heading, (alone, follow_up) in QUESTIONS.items():
            if f"\n## {heading}" in text:
                asked = alone.format(matter=matter)
                yield Case(f"{name}.md", heading, asked[0].upper() + asked[1:])
                yield Case(f"{name}.md", heading, follow_up, f"Welche Erfahrungen gibt es: {matter}?")


async def try_case(answers: AnswerService, case: Case) -> Outcome:
    """Ask, after what was asked before."""
    viewer, before = network_member(), None
    if case.before is not None:
        first = await answers.prepare(case.before, viewer)
        before = Before((case.before,), frozenset(UUID(item.document) for item in first.reply.citations))
    found = _cited(await answers.prepare(case.question, viewer, before))
    right = [source == case.document and f"„{case.heading}" in place for source, place in found]
    return Outcome(case, any(right), bool(right) and right[0], tuple(f"{source} {place}" for source, place in found))


def _cited(prepared: PreparedAnswer) -> list[tuple[str, str]]:
    return [(item.source.rsplit("/", 1)[-1], item.locator or "") for item in prepared.reply.citations]


async def measure(wanted: Sequence[Case]) -> list[Outcome]:
    """Ask in this process, from the library that its settings name."""
    settings = load_settings()
    database = Database(settings.database_url)
    try:
        async with LibraryIndexes(settings, database, say=print) as indexes:
            await indexes.settle()
            answers = AnswerService(database, indexes, settings.answers)
            return [await try_case(answers, case) for case in wanted]
    finally:
        await database.close()


def main() -> None:
    """Fill a scratch library with the samples and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--each", action="store_true", help="print each question that missed, too")
    given = parser.parse_args()
    with TemporaryDirectory(prefix="allmende-bench-") as folder:
        library = Library(Path(folder) / "data")
        library.add(SAMPLES / "library")
        os.environ.update(library.environment)
        outcomes = asyncio.run(measure(list(cases())))
    for item in outcomes:
        if given.each and not item.quoted:
            print(
                json.dumps([item.case.document, item.case.question, item.case.before, item.cited], ensure_ascii=False)
            )
    for follow_up, title in ((False, "Questions that name the matter"), (True, "Follow-ups")):
        rows = []
        for heading in (*QUESTIONS, ""):
            some = [
                item
                for item in outcomes
                if (item.case.before is not None) is follow_up and item.case.heading.startswith(heading)
            ]
            quoted, first = sum(item.quoted for item in some), sum(item.first for item in some)
            rows.append((heading or "all", f"{quoted} of {len(some)}", f"{first} of {len(some)}"))
        print_table(title, rows, head=("field", "quoted", "quoted first"))


if __name__ == "__main__":
    main()
