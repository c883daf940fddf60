"""What a lesson consists of: steps of plain blocks and spans, which know no chat and go to JSON and back."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any


class SpanStyle(StrEnum):
    """How a span looks."""

    PLAIN = "plain"
    BOLD = "bold"
    ITALIC = "italic"
    CODE = "code"


class LessonBlockKind(StrEnum):
    """What a block is."""

    PARAGRAPH = "paragraph"
    HEADING = "heading"
    ITEM = "item"


@dataclass(frozen=True, slots=True)
class LessonSpan:
    """A run of characters in one style, perhaps a link (http and https only). Nothing in it is markup."""

    text: str
    style: SpanStyle = SpanStyle.PLAIN
    link: str | None = None


@dataclass(frozen=True, slots=True)
class LessonBlock:
    """A paragraph, heading or item; ``number`` is that of an item in a numbered list."""

    kind: LessonBlockKind
    spans: tuple[LessonSpan, ...]
    number: int | None = None

    @property
    def plain(self) -> str:
        """The block's characters alone."""
        return "".join(span.text for span in self.spans)


@dataclass(frozen=True, slots=True)
class TextStep:
    """Something to read."""

    blocks: tuple[LessonBlock, ...]


@dataclass(frozen=True, slots=True)
class PictureStep:
    """A picture with what it shows, for those who do not see it, and perhaps a caption.

    ``picture`` is the name of its file; ``digest`` says which version of it (empty until it was taken in).
    """

    picture: str
    alt: str
    caption: tuple[LessonBlock, ...] = ()
    digest: str = ""


@dataclass(frozen=True, slots=True)
class LessonChoice:
    """An answer that one can choose, and what is said to whoever chose it."""

    text: str
    correct: bool
    explanation: str


@dataclass(frozen=True, slots=True)
class QuestionStep:
    """A question with two to four answers, at least one of them right."""

    text: str
    choices: tuple[LessonChoice, ...]

    @property
    def right(self) -> LessonChoice:
        """The first answer that is right."""
        return next(choice for choice in self.choices if choice.correct)


@dataclass(frozen=True, slots=True)
class LinkStep:
    """Something to read that leads into the library: ``title`` opens a search for ``search``."""

    blocks: tuple[LessonBlock, ...]
    title: str
    search: str


Step = TextStep | PictureStep | QuestionStep | LinkStep


def plain_text(blocks: Iterable[LessonBlock]) -> str:
    """Return blocks as characters alone: parted by an empty line, items by a line break."""
    parts: list[str] = []
    before: LessonBlock | None = None
    for block in blocks:
        in_list = before is not None and block.kind is before.kind is LessonBlockKind.ITEM
        mark = "" if block.kind is not LessonBlockKind.ITEM else f"{block.number}. " if block.number else "· "
        parts.append(f"{'' if before is None else chr(10) if in_list else chr(10) * 2}{mark}{block.plain}")
        before = block
    return "".join(parts)


def pictures_of(steps: Iterable[Step]) -> tuple[str, ...]:
    """Return the names of the pictures that steps show, each once."""
    return tuple(dict.fromkeys(step.picture for step in steps if isinstance(step, PictureStep)))


def with_digests(steps: Iterable[Step], digests: dict[str, str]) -> tuple[Step, ...]:
    """Return steps whose pictures say which version of them is meant (by the name of the picture)."""
    return tuple(
        replace(step, digest=digests.get(step.picture, step.digest)) if isinstance(step, PictureStep) else step
        for step in steps
    )


def pack_steps(steps: Iterable[Step]) -> list[dict[str, Any]]:
    """Return steps as JSON; ``unpack_steps`` reads it."""
    return [_pack(step) for step in steps]


def unpack_steps(values: Sequence[dict[str, Any]]) -> tuple[Step, ...]:
    """Return the steps that ``pack_steps`` packed."""
    return tuple(_unpack(value) for value in values)


def _pack(step: Step) -> dict[str, Any]:
    if isinstance(step, TextStep):
        return {"kind": "text", "blocks": _pack_blocks(step.blocks)}
    if isinstance(step, PictureStep):
        caption = _pack_blocks(step.caption)
        named = {"picture": step.picture, "digest": step.digest, "alt": step.alt}
        return {"kind": "picture", **named, "caption": caption}
    if isinstance(step, LinkStep):
        return {"kind": "link", "blocks": _pack_blocks(step.blocks), "title": step.title, "search": step.search}
    choices = [[choice.text, choice.correct, choice.explanation] for choice in step.choices]
    return {"kind": "question", "text": step.text, "choices": choices}


def _unpack(value: dict[str, Any]) -> Step:
    kind = value["kind"]
    if kind == "text":
        return TextStep(_unpack_blocks(value["blocks"]))
    if kind == "picture":
        return PictureStep(value["picture"], value["alt"], _unpack_blocks(value["caption"]), value["digest"])
    if kind == "link":
        return LinkStep(_unpack_blocks(value["blocks"]), value["title"], value["search"])
    choices = (LessonChoice(text, correct, explanation) for text, correct, explanation in value["choices"])
    return QuestionStep(value["text"], tuple(choices))


def _pack_blocks(blocks: Iterable[LessonBlock]) -> list[Any]:
    return [
        [block.kind.value, block.number, [[span.text, span.style.value, span.link] for span in block.spans]]
        for block in blocks
    ]


def _unpack_blocks(values: Iterable[Any]) -> tuple[LessonBlock, ...]:
    return tuple(
        LessonBlock(
            LessonBlockKind(kind),
            tuple(LessonSpan(text, SpanStyle(style), link) for text, style, link in spans),
            number,
        )
        for kind, number, spans in values
    )
