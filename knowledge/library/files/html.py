"""HTML: the visible text of a page with its headings, lists and tables; menus, scripts and hidden parts left out."""

import re
import warnings
from collections.abc import Iterator

from bs4 import BeautifulSoup
from bs4.element import NavigableString, PreformattedString, Tag

from knowledge.library.files.blocks import Block, ParsedFile
from knowledge.library.files.characters import one_line
from knowledge.library.files.marks import mark_sections
from knowledge.library.files.source import Source
from knowledge.library.files.tables import table_text
from knowledge.library.files.titles import first_heading, title_from_metadata

_LEFT_OUT_TAGS = (
    "script style nav template noscript iframe object svg canvas audio video form button select dialog head title "
    "footer aside math"
)
_LEFT_OUT = frozenset(_LEFT_OUT_TAGS.split())
_BLOCK_TAGS = (
    "p div section article main header blockquote pre address figure figcaption dl dt dd details summary body html "
    "fieldset center hr"
)
_BLOCKS = frozenset(_BLOCK_TAGS.split())
_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_HIDDEN_STYLE = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_DEEPEST = 500  # nobody writes such nesting; a bomb does


def parse(source: Source) -> ParsedFile:
    """Read a web page; its encoding is told from its bytes and its meta element."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Beautiful Soup remarks on XHTML and on text that looks like a path
        soup = BeautifulSoup(source.whole(), "lxml")
    blocks = mark_sections(_blocks(soup))
    title = title_from_metadata(_title(soup)) or first_heading(blocks)
    return ParsedFile(tuple(blocks), title, _properties(soup), "text/html")


def blocks_of_html(text: str) -> list[Block]:
    """Return the blocks of a piece of HTML that stands inside another text."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return _blocks(BeautifulSoup(text, "lxml"))


def _title(soup: BeautifulSoup) -> str | None:
    meta = soup.find("meta", attrs={"property": "og:title"})
    if isinstance(meta, Tag) and isinstance(meta.get("content"), str):
        return str(meta["content"])
    found = soup.find("title")
    return found.get_text() if isinstance(found, Tag) else None


def _properties(soup: BeautifulSoup) -> dict[str, str | list[str]]:
    language = soup.html.get("lang") if soup.html is not None else None
    return {"language": one_line(language)} if isinstance(language, str) and language.strip() else {}


def _is_hidden(tag: Tag) -> bool:
    if tag.name in _LEFT_OUT or tag.has_attr("hidden") or tag.get("aria-hidden") == "true":
        return True
    return bool(_HIDDEN_STYLE.search(str(tag.get("style", "")))) or tag.get("role") in ("navigation", "search")


def _blocks(soup: BeautifulSoup) -> list[Block]:
    collector = _Collector()
    for child in soup.children:
        collector.visit(child, 0)
    collector.flush()
    return collector.blocks


class _Collector:
    def __init__(self) -> None:
        self.blocks: list[Block] = []
        self._text: list[str] = []

    def flush(self) -> None:
        text = one_line("".join(self._text))
        self._text = []
        if text:
            self.blocks.append(Block("paragraph", text))

    def visit(self, node: object, depth: int) -> None:
        if isinstance(node, NavigableString):
            if not isinstance(node, PreformattedString):  # comments, declarations
                self._text.append(str(node))
        elif isinstance(node, Tag) and not _is_hidden(node) and depth < _DEEPEST:
            self._visit_tag(node, depth)

    def _visit_tag(self, tag: Tag, depth: int) -> None:
        if tag.name == "br":
            self._text.append(" ")
        elif level := _HEADINGS.get(tag.name):
            self._add("heading", one_line(_visible_text(tag)), level)
        elif tag.name in ("ul", "ol"):
            self._add("list", "\n".join(_items(tag)))
        elif tag.name == "table" and not tag.find("table") and len(tag.find_all("tr")) > 1:
            self._add("table", table_text([_cells(row) for row in tag.find_all("tr")]))
        else:
            self._descend(tag, depth)

    def _descend(self, tag: Tag, depth: int) -> None:
        apart = tag.name in _BLOCKS or tag.name in ("table", "tr", "td", "th", "li")
        if apart:
            self.flush()
        for child in tag.children:
            self.visit(child, depth + 1)
        if apart:
            self.flush()

    def _add(self, kind: str, text: str, level: int = 0) -> None:
        self.flush()
        if text:
            self.blocks.append(Block("heading" if level else "table" if kind == "table" else "list", text, level=level))


def _items(tag: Tag) -> Iterator[str]:
    """The items of a list and of the lists inside it, one after another."""
    for at, item in enumerate(_outer(tag), start=1):
        text = one_line(_visible_text(item, without=("ul", "ol")))
        if text:
            yield f"{at}. {text}" if tag.name == "ol" else text
        for inner in item.find_all(["ul", "ol"]):
            if inner.find_parent(["ul", "ol"]) is tag:
                yield from _items(inner)


def _outer(tag: Tag) -> list[Tag]:
    return [child for child in tag.children if isinstance(child, Tag) and child.name == "li" and not _is_hidden(child)]


def _cells(row: Tag) -> list[str]:
    return [one_line(_visible_text(cell)) for cell in row.find_all(["td", "th"])]


def _visible_text(tag: Tag, without: tuple[str, ...] = ()) -> str:
    parts: list[str] = []
    stack: list[object] = list(reversed(list(tag.children)))
    while stack:
        node = stack.pop()
        if isinstance(node, NavigableString):
            parts.append("" if isinstance(node, PreformattedString) else str(node))
        elif isinstance(node, Tag) and not _is_hidden(node) and node.name not in without:
            apart = node.name in _BLOCKS or node.name in ("br", "td", "th", "li")
            parts.append(" " if apart else "")
            stack.extend(reversed(list(node.children)))
            parts.append("")
    return "".join(parts)
