"""A plot as SVG, for an ``<img>``: drawn once for each look, without anything that acts or is loaded.

Colours follow the style sheet (hub/static/allmende.css); beside its colour each column has a pattern of its own, so
that nobody has to tell colours apart. On narrow pages the bars lie, so that what stands beside them can be read.
"""

import re
import sys
from collections.abc import Iterable
from functools import cache, lru_cache
from math import ceil
from typing import Any

from hub.plots.schemas import Column, Form, Look, Plot, Unit
from hub.plots.words import number_text, percent_text
from knowledge.kit.language import _, choose_language, current_language

WIDE, NARROW = 720, 340
# Height of a plot with standing bars, of a lying bar, and of what is above and below lying ones.
HEIGHT, BAR, AROUND = 300, 26, 46
LEGEND = 20
# Steps of the scale at most.
STEPS = 5
# The text colour, the lines, and the fills of columns: text and fills differ enough from the page behind them.
LIGHT = ("#171a2b", "#a6abc4", ("#1a3ca3", "#b25e00", "#00795c", "#8a2f8f", "#5a5f7d", "#00648f"))
DARK = ("#f0f1f5", "#404464", ("#90a9df", "#e89a2a", "#3cc9a5", "#d79bdc", "#c2c6d6", "#5cc4e6"))
# What is drawn over the fill of each column: nothing, slanting, dots, upright, crossing, lying.
_MARKS = (
    "",
    "M0 8L8 0",
    "M2 4h3",
    "M4 0v8",
    "M0 8L8 0M0 0L8 8",
    "M0 4h8",
)
SVG = "http://www.w3.org/2000/svg"
# What pygal writes for its script, and numbers that are longer than anybody can see.
_UNSEEN = {"", "script", "title", "desc"}
_POINTED = {"tooltip", "tooltip-overlay"}
_ACTING = {"reactive", "tooltip-trigger", "activate-serie", "major", "bound"}
_LONG = re.compile(r"-?\d+\.\d{2,}")
# Drawn as an average of several months.
AVERAGE = "average"


@lru_cache(maxsize=256)
def draw(plot: Plot, look: Look) -> bytes:
    """Return a plot as SVG. Kept for the next time: it depends on nothing else."""
    before = current_language()
    choose_language(look.language)
    try:
        return _drawn(plot, look)
    finally:
        choose_language(before)


def _drawn(plot: Plot, look: Look) -> bytes:
    lies = look.narrow or plot.form is Form.CELLS
    chart = _chart(plot, look, lies=lies)
    rows = range(len(plot.rows))
    order = list(reversed(rows)) if lies else list(rows)
    labels = [row.label if lies else row.short or row.label for row in plot.rows]
    chart.x_labels = [labels[number] for number in order]
    for column in plot.drawn:
        chart.add(column.name, [_bar(plot, column, number) for number in order], formatter=_formatter(plot.unit))
    return _cleaned(chart.render_tree(), plot, _css(plot, look, lies=lies))


def _chart(plot: Plot, look: Look, *, lies: bool) -> Any:
    """Return an empty chart of pygal."""
    pygal = _pygal()
    kinds = {
        (False, False): pygal.Bar,
        (False, True): pygal.StackedBar,
        (True, False): pygal.HorizontalBar,
        (True, True): pygal.HorizontalStackedBar,
    }
    number = len(plot.drawn)
    several, legends = number > 1, 1 if look.narrow else min(number, 3)
    missing = ceil(number / legends) - number // legends
    chart = kinds[lies, plot.form is Form.STACKED](
        css=[],
        js=[],
        style=pygal.style.Style(label_font_size=12, major_label_font_size=12, legend_font_size=12, value_font_size=12),
        explicit_size=True,
        no_prefix=True,
        width=NARROW if look.narrow else WIDE,
        height=height_of(plot, lies=lies),
        show_legend=several,
        legend_at_bottom=several,
        legend_at_bottom_columns=legends,
        print_values=plot.form is not Form.STACKED,
        print_values_position="top",
        print_zeroes=plot.unit is not Unit.COUNT,
        show_y_guides=not lies,
        show_x_guides=False,
        include_x_axis=True,
        margin=6,
        margin_top=18,
        margin_right=70 if plot.form is Form.CELLS else 30,
        # It leaves no room for the last line of a legend that is not full.
        margin_bottom=6 + LEGEND * missing,
        spacing=8,
        truncate_label=-1,
        truncate_legend=-1,
        formatter=_formatter(plot.unit),
    )
    chart.y_labels = _scale(100 if plot.unit is Unit.PERCENT else _top(plot))
    chart.range = (0, chart.y_labels[-1])
    chart.defs = list(_patterns(plot, look))
    return chart


@cache
def _pygal() -> Any:
    """Load pygal, which takes a second, only when something is drawn.

    It leaves a finder for plugins behind that speaks an old protocol, of which Python warns with every import later.
    """
    import pygal

    sys.meta_path[:] = [finder for finder in sys.meta_path if type(finder).__module__ != pygal.__name__]
    return pygal


def height_of(plot: Plot, *, lies: bool) -> int:
    """Return how high a plot is, with standing bars or with lying ones."""
    lines = len(plot.drawn) if len(plot.drawn) > 1 else 0
    if not lies:
        return HEIGHT + LEGEND * ceil(lines / 3)
    bars = 1 if plot.form is Form.STACKED else len(plot.drawn)
    return AROUND + len(plot.rows) * (BAR * bars if bars == 1 else 18 * bars + 10) + LEGEND * lines


def _top(plot: Plot) -> float:
    """Return how high the highest bar is, one at least."""
    rows = range(len(plot.rows))
    bars = [[_value_of(plot, column, number) or 0 for column in plot.drawn] for number in rows]
    stacked = plot.form is Form.STACKED
    return max([1, *(sum(values) if stacked else max(values) for values in bars)])


def _scale(top: float) -> list[int]:
    """Return whole numbers from zero to above the highest bar, a few round steps apart."""
    step = next(one for power in range(12) for one in (10**power, 2 * 10**power, 5 * 10**power) if one * STEPS >= top)
    return list(range(0, ceil(top / step) * step + 1, step))


def _value_of(plot: Plot, column: Column, number: int) -> float | None:
    value = column.values[number]
    if value is None or column.unit is not Unit.COUNT:
        return value
    return value / plot.rows[number].parts


def _bar(plot: Plot, column: Column, number: int) -> Any:
    value = _value_of(plot, column, number)
    if value is None:
        return None
    if plot.form is Form.CELLS and (whole := _whole(plot, number)) is not None:
        return {"value": value, "formatter": lambda count: _of_all(count, whole)}
    averaged = plot.rows[number].parts > 1 and column.unit is Unit.COUNT
    return {"value": value, "node": {"class": f"rect {AVERAGE}"}} if averaged else value


def _whole(plot: Plot, number: int) -> float | None:
    """Return of how many a cell is a part, where that is known."""
    return next((column.values[number] for column in plot.columns if not column.drawn), None)


def _of_all(count: float, whole: float) -> str:
    return _("{count} of {all}").format(count=number_text(count), all=number_text(whole))


def _formatter(unit: Unit) -> Any:
    def text(value: float | None) -> str:
        if value is None:
            return ""
        if unit is Unit.PERCENT:
            return percent_text(value)
        return number_text(value, digits=0 if float(value).is_integer() else 1)

    return text


def _css(plot: Plot, look: Look, *, lies: bool) -> str:
    """Return all the style there is: nothing of pygal's own."""
    beside = "start;transform:translateX(5px)" if lies else "middle;transform:translateY(-4px)"
    text, line, _fills = DARK if look.dark else LIGHT
    columns = "".join(
        f".serie-{number} .rect,.legends .legend:nth-of-type({number + 1}) rect{{fill:url(#p{number})}}"
        for number in range(len(plot.drawn))
    )
    return (
        f"text{{fill:{text};font:11.5px system-ui,'Segoe UI',Roboto,'Noto Sans','DejaVu Sans',sans-serif}}"
        f".axis.x text{{text-anchor:middle}}.axis.y text{{text-anchor:end}}"
        f".axis path,.axis line{{fill:none;stroke:{line};stroke-width:1}}"
        f".background{{fill:none}}.rect,.legends rect{{stroke:{text};stroke-width:.6}}"
        f".axis.{'y' if lies else 'x'} .guide{{display:none}}"
        f".text-overlay text{{text-anchor:{beside};font-weight:600}}{columns}"
        f".rect.{AVERAGE}{{fill-opacity:.55;stroke-dasharray:4 3;stroke-width:1.4}}"
    )


def _patterns(plot: Plot, look: Look) -> Iterable[str]:
    _text, _line, fills = DARK if look.dark else LIGHT
    over = "#0f111f" if look.dark else "#ffffff"
    for number in range(len(plot.drawn)):
        mark = _MARKS[number % len(_MARKS)]
        path = f'<path d="{mark}" stroke="{over}" stroke-width="1.6" fill="none"/>' if mark else ""
        yield (
            f'<pattern id="p{number}" width="8" height="8" patternUnits="userSpaceOnUse">'
            f'<rect width="8" height="8" fill="{fills[number % len(fills)]}"/>{path}</pattern>'
        )


def _cleaned(tree: Any, plot: Plot, css: str) -> bytes:
    """Return only what is shown, in our style and without what scripts would use; with a title and a description."""
    from lxml import etree

    for node in list(tree.iter()):
        parent = node.getparent()
        if parent is None:
            continue
        name = node.tag.rpartition("}")[2] if isinstance(node.tag, str) else ""
        if name in _UNSEEN or _POINTED.intersection((node.get("class") or "").split()) or _is_empty(node, name):
            parent.remove(node)
        elif name == "style":
            node.text = css
        else:
            _tidy(node)
    del tree.attrib["id"], tree.attrib["class"]
    tree.set("role", "img")
    tree.set("aria-labelledby", "t d")
    for place, (name, text) in enumerate((("title", plot.title), ("desc", plot.lead))):
        node = etree.Element(f"{{{SVG}}}{name}", id=name[0])
        node.text = text
        tree.insert(place, node)
    etree.cleanup_namespaces(tree)
    return bytes(etree.tostring(tree, encoding="utf-8"))


def _is_empty(node: Any, name: str) -> bool:
    return name == "text" and not (node.text or "").strip()


def _tidy(node: Any) -> None:
    for key, value in node.attrib.items():
        if key == "class":
            node.set(key, " ".join(word for word in value.split() if word not in _ACTING))
        elif "." in value:
            node.set(key, _LONG.sub(lambda found: f"{float(found[0]):.1f}".removesuffix(".0"), value))
        if not node.get(key) or (key == "id" and "serie" in value):
            del node.attrib[key]
