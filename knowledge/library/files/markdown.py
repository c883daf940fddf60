"""Markdown: headings, paragraphs, lists and tables as they are marked; page breaks of a former PDF healed."""

import re
from dataclasses import replace

from markdown_it import MarkdownIt
from markdown_it.token import Token

from knowledge.library.files.blocks import Block, ParsedFile
from knowledge.library.files.characters import clean_characters, one_line
from knowledge.library.files.encoding import decode
from knowledge.library.files.frontmatter import split_front_matter
from knowledge.library.files.marks import BULLET, is_contents_line, mark_sections
from knowledge.library.files.pieces import cut_in_two
from knowledge.library.files.source import Source
from knowledge.library.files.tables import table_text
from knowledge.library.files.titles import first_heading
from knowledge.library.files.words import Vocabulary

_MARKUP = re.compile(r"[*_\[\]<>`\\&!~]")
_NOTE_MARK = re.compile(r"\[\^[^\]\s]{1,20}\]")
_NOTE = re.compile(r"^\[\^[^\]\s]{1,20}\]:\s*")
_TASK = re.compile(r"^\[[ xX]\]\s+")
_BREAK_TAG = re.compile(r"<br\s*/?>", re.IGNORECASE)
_SPACES = re.compile(r"[ \t]+")


def parse(source: Source) -> ParsedFile:
    """Read a Markdown file with its front matter. Raises UndecodableText."""
    text = clean_characters(decode(source.whole()))
    properties, raw, body = split_front_matter(text)
    blocks = MarkdownReader().read(body)
    if properties is None:
        blocks.insert(0, Block("paragraph", one_line(raw)))
    found = dict(properties or {})
    title = found.get("title")
    return ParsedFile(tuple(blocks), title if isinstance(title, str) else first_heading(blocks), found, "text/markdown")


def _block_parser() -> MarkdownIt:
    """Inline markup is parsed only where there is some: most paragraphs have none, and it takes most of the time."""
    parser = MarkdownIt("commonmark").enable("table")
    parser.core.ruler.enableOnly(["normalize", "block"])
    return parser


class MarkdownReader:
    """Reads one Markdown text."""

    def __init__(self) -> None:
        self._blocks: list[Block] = []
        self._items: list[str] = []
        self._rows: list[list[str]] = []
        self._lists = 0
        self._item_mark: str | None = None
        self._inline = MarkdownIt("commonmark").enable("strikethrough")
        self._environment: dict[str, object] = {}
        self._words = Vocabulary(())

    def read(self, text: str) -> list[Block]:
        """Return the blocks of a text that has clean characters and no front matter."""
        text = text.replace("\f", "\n\n")
        self._words = Vocabulary(text.split("\n"))
        tokens = _block_parser().parse(text, self._environment)
        for at, token in enumerate(tokens):
            self._take(token, tokens[at - 1] if at else None)
        return mark_sections(self._heal(self._blocks))

    def _take(self, token: Token, before: Token | None) -> None:
        match token.type:
            case "inline" if before is not None:
                self._take_inline(token, before)
            case "bullet_list_open" | "ordered_list_open":
                self._lists += 1
            case "bullet_list_close" | "ordered_list_close":
                self._close_list()
            case "list_item_open":
                self._item_mark = f"{token.info}{token.markup} " if token.info else ""
            case "tr_open":
                self._rows.append([])
            case "table_close":
                self._add("table", table_text(self._rows))
                self._rows = []
            case "fence":
                self._add("list", "\n".join(filter(None, map(one_line, token.content.split("\n")))))
            case "code_block":  # indented: in what people write, a paragraph set in
                self._add("paragraph", one_line(token.content))
            case "html_block":
                self._take_html(token.content)

    def _take_inline(self, token: Token, before: Token) -> None:
        if before.type == "heading_open":
            self._flush_list()
            if text := one_line(self._plain(token.content)):
                self._blocks.append(Block("heading", text, level=int(before.tag[1])))
        elif before.type in ("th_open", "td_open"):
            self._rows[-1].append(one_line(self._plain(token.content)))
        elif self._lists:
            lines = self._plain(token.content).split("\n")
            apart = len(lines) > 1 and all(map(is_contents_line, lines))
            self._take_item("\n".join(map(one_line, lines)) if apart else self._join(lines))
        else:
            self._take_paragraph(token.content)

    def _take_item(self, text: str) -> None:
        if self._item_mark is None and self._items:
            self._items[-1] = f"{self._items[-1]} {text}".strip()
        else:
            self._items.append((self._item_mark or "") + _TASK.sub("", text))
        self._item_mark = None

    def _take_paragraph(self, content: str) -> None:
        lines = self._plain(content).split("\n")
        if _NOTE.match(lines[0]):
            text = self._join([_NOTE.sub("", lines[0]), *lines[1:]])
            self._blocks.append(Block("paragraph", text, note="footnote"))
            return
        listed = sum(bool(BULLET.match(line)) or is_contents_line(line) for line in lines)
        if len(lines) > 1 and listed * 2 > len(lines):
            self._add("list", "\n".join(one_line(BULLET.sub("", line, count=1)) for line in lines))
        else:
            self._add("paragraph", self._join(lines))

    def _take_html(self, content: str) -> None:
        from knowledge.library.files.html import blocks_of_html

        self._flush_list()
        self._blocks.extend(blocks_of_html(content))

    def _add(self, kind: str, text: str) -> None:
        self._flush_list()
        if text:
            self._blocks.append(Block("table" if kind == "table" else "list" if kind == "list" else "paragraph", text))

    def _close_list(self) -> None:
        self._lists -= 1
        if not self._lists:
            self._flush_list()

    def _flush_list(self) -> None:
        items = [item for item in self._items if item]
        if items:
            self._blocks.append(Block("list", "\n".join(items)))
        self._items = []

    def _join(self, lines: list[str]) -> str:
        """Return lines as one text, words that broke at their ends mended."""
        text = lines[0]
        for line in lines[1:]:
            text = self._words.join(text, line)
        return self._words.repair(_SPACES.sub(" ", text).strip() if "  " in text or "\t" in text else text.strip())

    def _plain(self, content: str) -> str:
        """Return the text without its inline markup; line breaks stay."""
        if not _MARKUP.search(content):
            return content
        content = _NOTE_MARK.sub("", content) if not _NOTE.match(content) else content
        tokens = self._inline.parseInline(_BREAK_TAG.sub("\n", content), self._environment)
        return "".join(_inline_text(child) for token in tokens for child in token.children or ())

    def _heal(self, blocks: list[Block]) -> list[Block]:
        """Join paragraphs and list items that a page break of the printed source cut in two."""
        healed: list[Block] = []
        for block in blocks:
            last = healed[-1] if healed else None
            if last is not None and self._goes_on(last, block):
                healed[-1] = replace(last, text=self._words.join(last.text, block.text))
            else:
                healed.append(block)
        return healed

    @staticmethod
    def _goes_on(last: Block, block: Block) -> bool:
        if block.kind != "paragraph" or last.kind not in ("paragraph", "list") or last.note or block.note:
            return False
        end = last.text.rsplit("\n", 1)[-1]
        return len(end) >= 40 and cut_in_two(end, block.text)


def _inline_text(token: Token) -> str:
    if token.type in ("text", "code_inline", "image", "text_special"):
        return token.content
    return "\n" if token.type in ("softbreak", "hardbreak") else ""
