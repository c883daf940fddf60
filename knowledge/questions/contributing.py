"""An answer becomes the fields of an experience, without the asker's house in it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from knowledge.contributions.fields import BY_NAME, MOST_TOPICS
from knowledge.contributions.splitting import split_into_fields
from knowledge.organisations.names import fold_search
from knowledge.organisations.queries import read_name

# What is published is German, whoever's language it was written in.
_SOMEBODY = "[fragende Verwaltung]"
_SITUATION = "Eine Frage aus dem Netzwerk:"
_HELPED = "Der fragenden Verwaltung hat das weitergeholfen."
_UNKNOWN = "Zum Ergebnis sagt die Antwort nichts Näheres."
# Shorter names are words of their own too often to be looked for inside other words („Ehr", „Aue").
LONG_NAME = 5


@dataclass(frozen=True, slots=True)
class Answered:
    """What a contribution is made of.

    What the two wrote to each other stays between them. ``helped``: the asker said so. ``house`` is the name of the
    asker's organisation as in ``name_in_texts``, which is taken out of all texts.
    """

    question: str
    answer: str
    topics: Sequence[str] = ()
    helped: bool = False
    house: str | None = None


def fields_of(said: Answered) -> dict[str, Any]:
    """Return the fields of a contribution; headings of ours in the answer („Ergebnis: …") lead to their fields."""
    question, answer = without_house(said.question, said.house), without_house(said.answer, said.house)
    title = _cut(" ".join(question.split()), BY_NAME["title"].longest)
    fields = split_into_fields(f"{title}\n{answer}")
    fields["title"] = title
    fields.setdefault("done", answer)
    fields.setdefault("situation", _cut(f"{_SITUATION} {question}", BY_NAME["situation"].longest))
    fields.setdefault("outcome", _HELPED if said.helped else _UNKNOWN)
    if said.topics:
        fields.setdefault("topics", [topic[: BY_NAME["topics"].longest] for topic in said.topics[:MOST_TOPICS]])
    return fields


def without_house(text: str, house: str | None) -> str:
    """Return a text in which an organisation's name, also with an ending or its first word alone, is replaced."""
    if not house:
        return text
    first = house.split()[0]
    for name in (house, first) if len(first) >= LONG_NAME else (house,):
        ending = r"\w*" if len(name) >= LONG_NAME else "s?"
        text = re.sub(rf"(?<!\w){re.escape(name)}{ending}(?!\w)", _SOMEBODY, text, flags=re.IGNORECASE)
    return text


def name_in_texts(name: str) -> str | None:
    """Return an organisation's name as people write it: without the word for its kind and what is in brackets."""
    words = re.sub(r"\(.*?\)", " ", name).partition(",")[0].split()
    bare = read_name(" ".join(words)).bare.split()
    places = [place for place, word in enumerate(words) if fold_search(word).strip() in bare]
    return " ".join(words[places[0] : places[-1] + 1]) if places else None


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else text[: longest - 1].rstrip() + "…"
