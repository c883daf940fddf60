"""How a lesson reads in a chat: what begins it, each step, what is said to an answer, and what ends it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from bot.core.answer_text import cut_at_sentence
from bot.core.text import Block, RichText, Span, Style, bold, heading, item, link, note, paragraph, rich
from knowledge.kit.language import _, ngettext
from knowledge.lessons.checking import LONGEST_MESSAGE
from knowledge.lessons.markdown import LessonReference
from knowledge.lessons.steps import (
    LessonBlock,
    LessonBlockKind,
    LessonChoice,
    LessonSpan,
    LinkStep,
    PictureStep,
    QuestionStep,
    Step,
)
from knowledge.models.training import Level


@dataclass(frozen=True, slots=True)
class About:
    """What is said of a lesson before it begins; ``needs`` are titles of what one should have done before."""

    title: str
    summary: str
    level: Level
    minutes: int
    count: int
    needs: Sequence[str] = ()


def opening_text(about: About) -> RichText:
    """Return the message that begins a lesson."""
    needs = [note(_("Good to have done before: {titles}").format(titles=", ".join(about.needs)))] if about.needs else []
    alone = note(_("How far you are and what you answer, only you see."))
    return rich(heading(about.title), *_lines(about.summary), note(_facts(about)), *needs, alone)


def _facts(about: About) -> str:
    steps = ngettext("{count} step", "{count} steps", about.count).format(count=about.count)
    return " · ".join([level_word(about.level), minutes_words(about.minutes), steps])


def _lines(text: str) -> list[Block]:
    return [paragraph(text)] if text.strip() else []


def level_word(level: Level) -> str:
    """Return for whom something is."""
    return {
        Level.BEGINNER: _("for beginners"),
        Level.INTERMEDIATE: _("for those who know the basics"),
        Level.ADVANCED: _("for advanced learners"),
    }[level]


def minutes_words(minutes: int) -> str:
    """Return how long something takes."""
    return ngettext("{count} minute", "{count} minutes", minutes).format(count=minutes)


def step_text(step: Step, number: int, count: int) -> RichText:
    """Return one step, with how far it is: the first has number 1."""
    progress = note(_("Step {number} of {count}").format(number=number, count=count))
    if isinstance(step, QuestionStep):
        return rich(progress, paragraph(bold(step.text)), _numbered([choice.text for choice in step.choices]))
    shown = step.caption if isinstance(step, PictureStep) else step.blocks
    return rich(progress, *rich_blocks(shown))


def _numbered(lines: Sequence[str]) -> Block:
    return paragraph("\n".join(f"{number}. {line}" for number, line in enumerate(lines, start=1)))


def explanation_text(step: QuestionStep, chosen: LessonChoice) -> RichText:
    """Return what is said to whoever chose an answer: whether it is right, why, and which one is."""
    if chosen.correct:
        return rich(paragraph(bold(_("That is right.")), *_behind(chosen.explanation)))
    right = step.right
    return rich(
        paragraph(bold(_("Not quite.")), *_behind(chosen.explanation)),
        paragraph(bold(_("Right is: {answer}").format(answer=right.text)), *_behind(right.explanation)),
    )


def _behind(explanation: str) -> tuple[str, ...]:
    return (f"\n{explanation}",) if explanation else ()


def closing_text(
    title: str, summary: str, references: Sequence[LessonReference], more: Sequence[Block] = ()
) -> RichText:
    """Return the message that ends a lesson: what it was about, where its facts are from, and ``more`` to tell."""
    end = rich(*_sources(references), *more)
    asked = rich(note(_("Did this help you? Your answer is counted without your name.")))
    begin = rich(heading(_("Done: {title}").format(title=title)))
    room = LONGEST_MESSAGE - len((begin + end + asked).plain) - 20
    about = rich(*_lines(cut_at_sentence(summary, room) if room > 0 else ""))
    return begin + about + end + asked


def _sources(references: Sequence[LessonReference]) -> list[Block]:
    if not references:
        return []
    return [paragraph(bold(_("Sources"))), *(item(_source(reference)) for reference in references)]


def _source(reference: LessonReference) -> Span:
    return link(str(reference), reference.url) if reference.url else Span(str(reference))


def rich_blocks(blocks: Iterable[LessonBlock]) -> list[Block]:
    """Return the blocks of a lesson as a chat's; a numbered list becomes one paragraph, as its numbers are its own."""
    made: list[Block] = []
    numbered = False
    for block in blocks:
        spans = tuple(map(_span, block.spans))
        continues = numbered and block.number is not None and block.kind is LessonBlockKind.ITEM
        numbered = block.kind is LessonBlockKind.ITEM and block.number is not None
        if numbered:
            spans = (Span(f"{block.number}. "), *spans)
        if continues:
            made[-1] = replace(made[-1], spans=(*made[-1].spans, Span("\n"), *spans))
        else:
            made.append(_block(block.kind, spans, numbered=numbered))
    return made


def _block(kind: LessonBlockKind, spans: tuple[Span, ...], *, numbered: bool) -> Block:
    if kind is LessonBlockKind.HEADING:
        return heading(*spans)
    if kind is LessonBlockKind.ITEM and not numbered:
        return item(*spans)
    return paragraph(*spans)


def _span(span: LessonSpan) -> Span:
    return Span(span.text, Style(span.style.value), span.link)


def search_words(step: Step) -> str | None:
    """Return what a step's link looks for in the library."""
    return step.search if isinstance(step, LinkStep) else None
