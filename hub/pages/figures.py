"""„Zahlen": sums as plots, and each as a table and a file. Nothing below three people."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse

from hub.dependencies import MayUseNetwork, Reading
from hub.made_files import made_file
from hub.plots.catalogue import KINDS, Area, Kind, Material
from hub.plots.drawing import NARROW, WIDE, draw, height_of
from hub.plots.schemas import Form, Look, Plot
from hub.plots.tables import csv_of, head_of, rows_of
from hub.rendering import render
from knowledge.figures.schemas import Range, Series
from knowledge.figures.service import FigureService, Register, UnknownFigure, calendar_year, last_year_of
from knowledge.kit.clock import today
from knowledge.kit.language import _, current_language

router = APIRouter()
FIGURES = "/zahlen"
# Names in addresses.
AREA, SPAN, DARK_LOOK, NARROW_LOOK = "bereich", "zeitraum", "dunkel", "schmal"
LOOKS = {"light": (), "dark": (DARK_LOOK,), "light_narrow": (NARROW_LOOK,), "dark_narrow": (DARK_LOOK, NARROW_LOOK)}
# Nothing is loaded or run by a plot that is opened by itself; its style lies in it.
POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; sandbox"
# Browsers keep pictures and tables, and ask each time whether they still may.
KEPT = {"Cache-Control": "private, no-cache"}
_ABOUT_CELLS = frozenset({Series.SIZES, Series.STATES})


@dataclass(frozen=True, slots=True)
class PlotView:
    """A plot on the page; ``images`` are its addresses by look: light or dark, wide or narrow."""

    plot: Plot
    head: Sequence[str]
    rows: Sequence[Sequence[str]]
    images: Mapping[str, str]
    file: str
    wide: tuple[int, int]
    narrow: tuple[int, int]
    alternative: str


@dataclass(frozen=True, slots=True)
class FiguresPage:
    """The plots of one area; ``tabs`` lead to the others, ``spans`` are the times to choose from."""

    plots: Sequence[PlotView]
    tabs: Sequence[tuple[str, str, None]]
    area: str
    address: str
    title: str
    lead: str
    spans: Sequence[tuple[str, str]]
    span: str
    hint: str


@router.get(FIGURES)
async def show(request: Request, visitor: MayUseNetwork, session: Reading) -> HTMLResponse:
    """Show the plots of an area."""
    service = FigureService(session, visitor)
    kinds = [kind for kind in KINDS if service.may_read(kind.series, own=kind.own)]
    areas = list(dict.fromkeys(kind.area for kind in kinds))
    asked = request.query_params.get(AREA)
    area = next((one for one in areas if one.value == asked), areas[0])
    years = await service.years()
    span = _span_of(request, years)
    shown = [await _plot(service, kind, _range(span)) for kind in kinds if kind.area is area]
    page = FiguresPage(
        plots=[_view(plot, span) for plot in shown],
        tabs=[(area_names()[one], _address(FIGURES, {AREA: one.value, SPAN: span}), None) for one in areas],
        area=area.value,
        address=_address(FIGURES, {AREA: area.value, SPAN: span}),
        title=area_names()[area],
        lead=_leads()[area],
        spans=[("", _("the last 12 months")), *((str(year), str(year)) for year in years)],
        span=span,
        hint=_hint(area),
    )
    return await render(request, "figures/figures.html", page)


@router.get(f"{FIGURES}/{{name}}.svg")
async def picture(request: Request, name: str, visitor: MayUseNetwork, session: Reading) -> Response:
    """Send a plot as a picture."""
    plot = await _asked(request, name, FigureService(session, visitor))
    if not plot.shows_something:
        raise UnknownFigure
    query = request.query_params
    look = Look(DARK_LOOK in query, NARROW_LOOK in query, current_language())
    return made_file(request, draw(plot, look), "image/svg+xml", {**KEPT, "Content-Security-Policy": POLICY})


@router.get(f"{FIGURES}/{{name}}.csv")
async def table(request: Request, name: str, visitor: MayUseNetwork, session: Reading) -> Response:
    """Send a plot as a table for spreadsheets."""
    plot = await _asked(request, name, FigureService(session, visitor))
    named = {"Content-Disposition": f'attachment; filename="allmende-{plot.name}.csv"'}
    return made_file(request, csv_of(plot), "text/csv; charset=utf-8", {**KEPT, **named})


async def _asked(request: Request, name: str, service: FigureService) -> Plot:
    """Return the plot that an address names. Raises ``UnknownFigure``."""
    kind = next((kind for kind in KINDS if kind.name == name), None)
    if kind is None:
        raise UnknownFigure
    return await _plot(service, kind, _range(_span_of(request, await service.years())))


async def _plot(service: FigureService, kind: Kind, wanted: Range) -> Plot:
    periods = await service.periods(kind.series, wanted, own=kind.own)
    topics = await service.topic_names() if kind.series is Series.TOPICS and periods else {}
    register = await service.register() if kind.series in _ABOUT_CELLS and periods else Register({}, {})
    return kind.make(kind.name, Material(periods, topics, register, quarterly=kind.own))


def _view(plot: Plot, span: str) -> PlotView:
    address = f"{FIGURES}/{plot.name}"
    lies = plot.form is Form.CELLS
    return PlotView(
        plot=plot,
        head=head_of(plot),
        rows=rows_of(plot),
        images={
            look: _address(f"{address}.svg", {SPAN: span, **dict.fromkeys(asked, "1")}) for look, asked in LOOKS.items()
        },
        file=_address(f"{address}.csv", {SPAN: span}),
        wide=(WIDE, height_of(plot, lies=lies)),
        narrow=(NARROW, height_of(plot, lies=True)),
        alternative=_("{title}: a plot. The numbers are in the table below it.").format(title=plot.title),
    )


def _span_of(request: Request, years: Sequence[int]) -> str:
    """Return which time is asked for: a year that there are sums of, or nothing for the last twelve months."""
    asked = request.query_params.get(SPAN, "")
    return asked if asked in {str(year) for year in years} else ""


def _range(span: str) -> Range:
    return calendar_year(int(span)) if span else last_year_of(today())


def _address(path: str, values: Mapping[str, str]) -> str:
    query = urlencode({key: value for key, value in values.items() if value})
    return f"{path}?{query}" if query else path


def area_names() -> dict[Area, str]:
    """Return the names of the areas."""
    return {
        Area.QUESTIONS: _("Questions"),
        Area.NETWORK: _("Municipalities"),
        Area.LEARNING: _("Learning"),
        Area.REVIEW: _("Review"),
        Area.OWN: _("Our organisation"),
    }


def _leads() -> dict[Area, str]:
    return {
        Area.QUESTIONS: _("What the network asks, and whether the answers help."),
        Area.NETWORK: _("Which municipalities take part."),
        Area.LEARNING: _("What was offered, and how many people learned something."),
        Area.REVIEW: _("How long it takes until what was contributed can be found."),
        Area.OWN: _("What the people of your organisation did together, by quarter."),
    }


def _hint(area: Area) -> str:
    if area is Area.OWN:
        return _(
            "A quarter in which fewer than three of you took part is counted together with the next one. Questions "
            "are not counted by organisation."
        )
    if area is Area.REVIEW:
        return _("Only where at least three people contributed and at least three decided: nobody's work is measured.")
    return _("A month is counted a week after its end, and never changes afterwards.")
