"""From the Markdown of one step to the step: what chats can show, and nothing else."""

import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from urllib.parse import unquote, urlsplit

from markdown_it import MarkdownIt
from markdown_it.token import Token

from knowledge.kit.language import _
from knowledge.lessons.errors import LessonProblem
from knowledge.lessons.steps import (
    LessonBlock,
    LessonBlockKind,
    LessonChoice,
    LessonSpan,
    LinkStep,
    PictureStep,
    QuestionStep,
    SpanStyle,
    Step,
    TextStep,
)

LIBRARY = "bibliothek:"
LONGEST_STEP = 4_000
LONGEST_TARGET = 500
MOST_CHOICES, FEWEST_CHOICES = 4, 2
PICTURES = (".png", ".jpg", ".jpeg", ".webp")

_CHOICE = re.compile(r"\[([ xX])\]\s*(.*)", re.DOTALL)
_PICTURE_NAME = re.compile(r"[^\W_][\w.-]{0,150}", re.ASCII)
# A library link may have spaces in it, which Markdown allows between angle brackets only.
_LIBRARY_LINK = re.compile(r"\]\((bibliothek:[^()<>\n]*)\)")
# What turns the direction of the text around it, or hides in it.
_HIDDEN = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff")
_STYLES = {"strong_open": SpanStyle.BOLD, "em_open": SpanStyle.ITALIC}


class StepProblem(Exception):
    """Why a step cannot be taken; ``line`` is that of the step's text, from 0."""

    def __init__(self, line: int, message: str, code: str) -> None:
        super().__init__(message)
        self.line, self.message, self.code = line, message, code


def read_step(text: str, first_line: int) -> Step | LessonProblem:
    """Return the step that a piece of Markdown is, or what is wrong with it.

    Args:
        text: between two lines that part steps.
        first_line: the line of the file in which it begins.
    """
    try:
        check_characters(text)
        if len(text) > LONGEST_STEP:
            raise StepProblem(0, _("This step is too long. Please part it by a line of three dashes."), "step_too_long")
        return _read(_parser().parse(_LIBRARY_LINK.sub(r"](<\1>)", text)))
    except StepProblem as problem:
        return LessonProblem(first_line + problem.line, problem.message, problem.code)


@cache
def _parser() -> MarkdownIt:
    return _Parser("commonmark").enable("table")


def check_characters(text: str) -> None:
    """Raise StepProblem for characters that nobody sees and that do something."""
    for number, line in enumerate(text.split("\n")):
        for character in line:
            if character in _HIDDEN or (unicodedata.category(character) in ("Cc", "Cs") and character != "\t"):
                problem = _("There is an invisible control character in this line. Please type the line anew.")
                raise StepProblem(number, problem, "hidden_character")


class _Parser(MarkdownIt):
    def validateLink(self, url: str) -> bool:  # noqa: ARG002, N802 - the library calls it so
        """Let every link be one, so that it is seen here what it would do."""
        return True


def _read(tokens: Sequence[Token]) -> Step:
    if not tokens:
        raise StepProblem(0, _("This step is empty."), "empty_step")
    first = tokens[0]
    if first.type == "heading_open" and first.tag == "h2":
        return _question(tokens)
    pictures = [token for token in tokens if token.type == "inline" and _has_picture(token)]
    if pictures:
        return _picture(tokens, pictures)
    reader = _BlockReader()
    blocks = reader.read(tokens)
    if reader.library is None:
        return TextStep(blocks)
    title, search = reader.library
    return LinkStep(tuple(block for block in blocks if block.plain != title), title, search)


def _has_picture(token: Token) -> bool:
    return any(child.type == "image" for child in token.children or ())


def _line(token: Token) -> int:
    return token.map[0] if token.map else 0


class _BlockReader:
    """Reads blocks; ``library`` is the link into the library that was among them."""

    def __init__(self) -> None:
        self.library: tuple[str, str] | None = None
        self._blocks: list[LessonBlock] = []
        self._lists: list[int | None] = []
        self._headings = 0
        self._heading = False
        self._new_item = False

    def read(self, tokens: Iterable[Token]) -> tuple[LessonBlock, ...]:
        line = 0
        for token in tokens:
            line = _line(token) if token.map else line
            self._take(token, line)
        return tuple(self._blocks)

    def _take(self, token: Token, line: int) -> None:
        match token.type:
            case "heading_open":
                self._open_heading(token, line)
            case "bullet_list_open" | "ordered_list_open":
                if self._lists:
                    raise StepProblem(line, _("Chats do not show a list inside of a list."), "list_in_list")
                self._lists.append(int(token.attrs.get("start", 1)) if token.type == "ordered_list_open" else None)
            case "bullet_list_close" | "ordered_list_close":
                self._lists.pop()
            case "list_item_open":
                self._new_item = True
            case "inline":
                self._add(self._spans(token, line), line)
            case "heading_close" | "paragraph_open" | "paragraph_close" | "list_item_close":
                pass
            case _:
                raise StepProblem(line, _unknown(token.type), _UNKNOWN.get(token.type, "not_shown"))

    def _open_heading(self, token: Token, line: int) -> None:
        self._headings += 1
        if token.tag != "h1" or self._headings > 1 or self._lists:
            problem = _("A step may have one heading, with a single #. A question begins with “## ? ”.")
            raise StepProblem(line, problem, "heading")
        self._heading = True

    def _add(self, spans: tuple[LessonSpan, ...], line: int) -> None:
        if not "".join(span.text for span in spans).strip():
            raise StepProblem(line, _("There is nothing to read in this place."), "empty_block")
        if self._heading:
            self._blocks.append(LessonBlock(LessonBlockKind.HEADING, spans))
            self._heading = False
            return
        if not self._lists:
            self._blocks.append(LessonBlock(LessonBlockKind.PARAGRAPH, spans))
            return
        if not self._new_item:
            raise StepProblem(line, _("An item of a list may have one paragraph only."), "long_item")
        number = self._lists[-1]
        self._blocks.append(LessonBlock(LessonBlockKind.ITEM, spans, number))
        self._new_item = False
        if number is not None:
            self._lists[-1] = number + 1

    def _spans(self, token: Token, line: int) -> tuple[LessonSpan, ...]:
        return read_spans(token, line, self._note_library)

    def _note_library(self, title: str, search: str, line: int) -> None:
        if self.library is not None:
            raise StepProblem(line, _("A step may lead into the library once only."), "library_twice")
        self.library = (title, search)


_UNKNOWN = {"html_block": "html", "html_inline": "html", "code_block": "code", "fence": "code"}


def _unknown(kind: str) -> str:
    if kind in ("html_block", "html_inline"):
        return _("HTML is not allowed. Please write Markdown.")
    if kind in ("code_block", "fence"):
        return _("Blocks of code (indented by four spaces, or between ```) are not shown by chats.")
    if kind == "table_open":
        return _("Chats do not show tables. Please make a list of it.")
    return _("Chats do not show this. Use paragraphs, lists, bold, italics and links.")


def read_spans(token: Token, line: int, library: Callable[[str, str, int], None]) -> tuple[LessonSpan, ...]:
    """Return the spans of an inline token; ``library`` is told of links into the library. Raises StepProblem."""
    reader = _SpanReader(line, library)
    for child in token.children or ():
        reader.take(child)
    return tuple(reader.spans)


class _SpanReader:
    """Reads spans, one token after the other."""

    def __init__(self, line: int, library: Callable[[str, str, int], None]) -> None:
        self.spans: list[LessonSpan] = []
        self._line, self._library = line, library
        self._styles: list[SpanStyle] = []
        self._target: str | None = None
        self._title = ""

    def take(self, token: Token) -> None:
        style = self._styles[0] if self._styles else SpanStyle.PLAIN
        match token.type:
            case "text" | "text_special":
                self._add(token.content, style)
            case "code_inline":
                self._add(token.content, SpanStyle.CODE)
            case "softbreak" | "hardbreak":
                self._add(" " if token.type == "softbreak" else "\n", style)
            case "strong_open" | "em_open":
                self._styles.append(_STYLES[token.type])
            case "strong_close" | "em_close":
                self._styles.pop()
            case "link_open":
                self._target, self._title = check_target(str(token.attrs.get("href", "")), self._line), ""
            case "link_close":
                self._close_link()
            case _:
                raise StepProblem(self._line, _unknown(token.type), _UNKNOWN.get(token.type, "not_shown"))

    def _add(self, text: str, style: SpanStyle) -> None:
        if not text:
            return
        self._title += text
        link = None if self._target is None or self._target.startswith(LIBRARY) else self._target
        last = self.spans[-1] if self.spans else None
        if last is not None and (last.style, last.link) == (style, link):
            self.spans[-1] = LessonSpan(last.text + text, style, link)
        else:
            self.spans.append(LessonSpan(text, style, link))

    def _close_link(self) -> None:
        title = self._title.strip()
        if not title:
            raise StepProblem(self._line, _("This link has no words to press on."), "link_empty")
        if self._target is not None and self._target.startswith(LIBRARY):
            self._library(title, self._target.removeprefix(LIBRARY), self._line)
        self._target = None


def check_target(address: str, line: int) -> str:
    """Return where a link leads: a web address, or a search in the library. Raises StepProblem for all else."""
    if len(address) > LONGEST_TARGET:
        raise StepProblem(line, _("This link is too long."), "link_too_long")
    if address.casefold().startswith(LIBRARY):
        search = " ".join(unquote(address[len(LIBRARY) :]).split())
        if search:
            return LIBRARY + search
        raise StepProblem(line, _("This link into the library names no words to search for."), "empty_search")
    try:
        parts = urlsplit(address)
        fits = parts.scheme in ("http", "https") and bool(parts.hostname) and "@" not in parts.netloc
    except ValueError:
        fits = False
    if not fits:
        problem = _("Links lead to web addresses (https://…) or into the library (bibliothek:words to search for).")
        raise StepProblem(line, problem, "link_not_allowed")
    return address


def _no_library(_title: str, _search: str, line: int) -> None:
    raise StepProblem(line, _("Here nothing can lead into the library. Please make a step of it."), "library_here")


def _picture(tokens: Sequence[Token], pictures: Sequence[Token]) -> PictureStep:
    line = _line(pictures[0])
    children = pictures[0].children or []
    alone = tokens[0].type == "paragraph_open" and tokens[1] is pictures[0] and len(children) == 1
    if len(pictures) > 1 or not alone:
        problem = _("A picture is a step of its own: first the picture alone, then perhaps a caption.")
        raise StepProblem(line, problem, "picture_alone")
    image = children[0]
    name, alt = unquote(str(image.attrs.get("src", ""))), " ".join(image.content.split())
    if not _PICTURE_NAME.fullmatch(name) or not name.casefold().endswith(PICTURES):
        problem = _("Pictures are files in the same folder: PNG, JPEG or WebP, named without spaces or folders.")
        raise StepProblem(line, problem, "picture_name")
    if not alt:
        problem = _("Please say in the square brackets what the picture shows, for those who do not see it.")
        raise StepProblem(line, problem, "picture_alt")
    reader = _BlockReader()
    caption = reader.read(tokens[3:])
    if reader.library is not None:
        _no_library("", "", line)
    return PictureStep(name, alt, caption)


def _question(tokens: Sequence[Token]) -> QuestionStep:
    text = _words(tokens[1])
    if not text.startswith("?") or not text.removeprefix("?").strip():
        problem = _("A step may have one heading, with a single #. A question begins with “## ? ”.")
        raise StepProblem(_line(tokens[0]), problem, "heading")
    rest = tokens[3:]
    if not rest or rest[0].type != "bullet_list_open" or rest[-1].type != "bullet_list_close":
        problem = _("A question is followed by a list of two to four answers and nothing else.")
        raise StepProblem(_line(rest[0]) if rest else _line(tokens[0]), problem, "question_list")
    allowed = {"bullet_list_open", "list_item_open", "paragraph_open", "inline"}
    for token in rest:
        if token.nesting != -1 and (token.type not in allowed or token.level > 3):
            problem = _("A question is followed by a list of two to four answers and nothing else.")
            raise StepProblem(_line(token), problem, "question_list")
    choices = tuple(_choice(token) for token in rest if token.type == "inline")
    return _checked(QuestionStep(text.removeprefix("?").strip(), choices), _line(tokens[0]))


def _choice(token: Token) -> LessonChoice:
    marked = _CHOICE.fullmatch(_words(token))
    text, parted, explanation = marked[2].partition("::") if marked else ("", "", "")
    if marked is None or not text.strip() or not parted or not explanation.strip():
        problem = _(
            "An answer is written as “- [ ] wrong answer :: explanation” or “- [x] right answer :: explanation”."
        )
        raise StepProblem(_line(token), problem, "choice")
    return LessonChoice(text.strip(), marked[1] in "xX", explanation.strip())


def _words(token: Token) -> str:
    """Return the words of a token alone; questions and answers are shown on buttons, too."""
    spans = read_spans(token, _line(token), _no_library)
    if any(span.link for span in spans):
        raise StepProblem(_line(token), _("Questions and answers have no links in them."), "link_here")
    return " ".join("".join(span.text for span in spans).split())


def _checked(step: QuestionStep, line: int) -> QuestionStep:
    if not FEWEST_CHOICES <= len(step.choices) <= MOST_CHOICES:
        raise StepProblem(line, _("A question has two to four answers."), "choices")
    if not any(choice.correct for choice in step.choices):
        raise StepProblem(line, _("One of the answers has to be right: “- [x] …”."), "nothing_right")
    if len({choice.text.casefold() for choice in step.choices}) < len(step.choices):
        raise StepProblem(line, _("Two of the answers are the same."), "same_choices")
    return step
