"""The questions that an experience is told by: one at a time, small things together."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from bot.core.commands import says_something
from knowledge.contributions.checking import checked
from knowledge.contributions.errors import FieldInvalid
from knowledge.contributions.fields import BY_NAME, NEEDED, Field
from knowledge.kit.language import _

# A dash or the like says that there is nothing to say.
_NOTHING = re.compile(r"[-–—./\s]*")
_COSTS = re.compile(r"€|\beur(o|os)?\b|\bpersonentag|\bstunden?\b|\bförder|\bkost|\bcosts?\b|\bhours?\b", re.IGNORECASE)
_MAIL = re.compile(r"\S+@\S+")
LONGEST_TITLE_LINE = 300


@dataclass(frozen=True, slots=True)
class Question:
    """One question: the fields that it fills, its words, and an example or an explanation."""

    fields: tuple[str, ...]
    words: Callable[[], str]
    hint: Callable[[], str]

    @property
    def name(self) -> str:
        """The name of its step in the dialogue."""
        return self.fields[0]

    @property
    def needed(self) -> bool:
        """Whether it cannot be skipped."""
        return self.name in NEEDED

    @property
    def choices(self) -> Field | None:
        """The field whose values may be chosen from, if it is one."""
        field = BY_NAME[self.name]
        return field if field.values is not None else None


QUESTIONS = (
    Question(
        ("title",),
        lambda: _("What is it about? A short title is enough."),
        lambda: _("Have you got it written down already? Then paste the whole text, or send it as a file."),
    ),
    Question(("done",), lambda: _("What did you do?"), lambda: _("A few sentences, in your own words.")),
    Question(
        ("outcome",),
        lambda: _("What came of it?"),
        lambda: _("What went wrong is as welcome as what went well: others learn from both."),
    ),
    Question(
        ("situation",),
        lambda: _("What was the situation before?"),
        lambda: _("Why you began, and what you had to reckon with."),
    ),
    Question(
        ("differently",),
        lambda: _("What would you do differently today?"),
        lambda: _("The advice that you would have liked to get."),
    ),
    Question(("status",), lambda: _("How far has it come?"), lambda: _("Please choose.")),
    Question(("again",), lambda: _("Would you do it again?"), lambda: _("Please choose.")),
    Question(
        ("period", "costs"),
        lambda: _("When was that, and what did it cost: money, effort, funding programme?"),
        lambda: _("Two lines, please: the period in the first, the costs in the second. A dash leaves one out."),
    ),
    Question(
        ("products", "data_used"),
        lambda: _("Which products and partners were part of it, and which data did you use?"),
        lambda: _("Two lines, please: products and partners in the first, data in the second. A dash leaves one out."),
    ),
    Question(
        ("legal",),
        lambda: _("On which legal basis? Is there a works agreement, and how were staff involved?"),
        lambda: _("Laws, by-laws, works agreements, who was heard and when."),
    ),
    Question(
        ("fits",), lambda: _("For whom does it fit?"), lambda: _("Small or large municipalities, what one needs.")
    ),
    Question(
        ("topics", "contact"),
        lambda: _("Which topics does it belong to, and who may be asked about it?"),
        lambda: _(
            "Two lines, please: topics parted by commas in the first, who may be asked in the second. Name only people "
            "who have said yes."
        ),
    ),
)
BY_STEP: Mapping[str, Question] = {question.name: question for question in QUESTIONS}
NEEDED_STEPS = tuple(question.name for question in QUESTIONS if question.needed)
MORE_STEPS = tuple(question.name for question in QUESTIONS if not question.needed)
# What a single field is changed by; those that share a question have words of their own.
_ALONE: Mapping[str, Callable[[], str]] = {
    "period": lambda: _("When was that?"),
    "costs": lambda: _("What did it cost: money, effort, funding programme?"),
    "products": lambda: _("Which products and partners were part of it?"),
    "data_used": lambda: _("Which data did you use?"),
    "topics": lambda: _("Which topics does it belong to? Please part them by commas."),
    "contact": lambda: _("Who may be asked about it? Name only people who have said yes."),
}


def question_words(name: str) -> str:
    """Return the words by which one field is asked for."""
    return _ALONE[name]() if name in _ALONE else BY_STEP[name].words()


def is_whole_text(answer: str) -> bool:
    """Whether somebody pasted a whole text where a title was asked for."""
    return "\n" in answer.strip() or len(answer) > LONGEST_TITLE_LINE


def read_value(name: str, answer: str) -> tuple[Any, str | None]:
    """Return what an answer means for a field, and what is wrong with it, if anything."""
    if not says_something(answer):
        return None, _("I see no word in that.")
    try:
        value = checked({name: answer})[name]
    except FieldInvalid as error:
        return None, error.message
    return value, None if value else _("I see no word in that.")


def read_answer(question: Question, answer: str) -> tuple[dict[str, Any], str | None]:
    """Return the fields that an answer fills, and what is wrong with it, if anything; then nothing is filled."""
    if len(question.fields) == 1:
        value, problem = read_value(question.name, answer)
        return ({}, problem) if problem else ({question.name: value}, None)
    if not says_something(answer):
        return {}, _("I see no word in that.")
    found: dict[str, Any] = {}
    for name, part in zip(question.fields, _parted(question, answer), strict=True):
        if _NOTHING.fullmatch(part):
            continue
        value, problem = read_value(name, part)
        if problem:
            return {}, problem
        found[name] = value
    return found, None


def _parted(question: Question, answer: str) -> tuple[str, str]:
    """Return what of an answer is for the first field, and what for the second."""
    first, line_break, rest = answer.strip().partition("\n")
    if line_break:
        return first.strip(), rest.strip()
    if question.name == "period" and _COSTS.search(answer):
        return "", answer
    if question.name == "topics" and (_MAIL.search(answer) or len(max(answer.split(","), key=len)) > _topic_length()):
        return "", answer
    return answer, ""


def _topic_length() -> int:
    return BY_NAME["topics"].longest
