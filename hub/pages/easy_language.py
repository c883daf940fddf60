"""The page in easy language: short sentences with one thing each, for people who find reading hard.

In German it follows the rules of Leichte Sprache; long words carry a dot in the middle.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from hub.dependencies import Anybody, Services
from hub.rendering import render
from knowledge.about.facts import networks_on
from knowledge.about.operator import Operator, operator_of
from knowledge.kit.language import _
from knowledge.models.chat import Network

router = APIRouter()


@dataclass(frozen=True, slots=True)
class Part:
    """Sentences about one thing, then a list, then a link."""

    title: str
    lines: Sequence[str]
    points: Sequence[str] = ()
    href: str = ""
    link: str = ""


@dataclass(frozen=True, slots=True)
class EasyPage:
    """All parts."""

    parts: Sequence[Part]


@router.get("/leichte-sprache")
async def easy_language(request: Request, _visitor: Anybody, services: Services) -> HTMLResponse:
    """Explain Allmende in easy language."""
    operator = operator_of(services.settings)
    telegram = Network.TELEGRAM in networks_on(services.settings)
    parts = [*_what(), *_using(), _data(telegram=telegram), *_barriers(operator), _who(operator)]
    return await render(request, "about/easy.html", EasyPage(parts))


def _what() -> Iterator[Part]:
    yield Part(
        _("What is Allmende?"),
        [
            _("Allmende is a computer program."),
            _("Allmende is not a human being."),
            _("Towns and villages use Allmende together."),
            _("They write down there what they know."),
            _("Everybody can learn from it."),
        ],
    )
    yield Part(
        _("How does Allmende help?"),
        [
            _("You write a question."),
            _("Allmende looks in many texts."),
            _("Then Allmende shows you sentences."),
            _("People wrote these sentences."),
            _("Below each sentence you read: The sentence is from this text."),
            _("Sometimes Allmende finds nothing."),
            _("Then Allmende tells you so."),
        ],
    )
    yield Part(
        _("What is important?"),
        [
            _("Allmende can make mistakes."),
            _("Allmende can overlook something."),
            _("Please read the whole text, too."),
            _("Allmende gives no advice on law."),
        ],
    )


def _using() -> Iterator[Part]:
    yield Part(
        _("What can you do here?"),
        [_("On these pages you can:")],
        points=[
            _("ask a question"),
            _("look for something"),
            _("find trainings"),
            _("learn in small steps"),
        ],
        href="/chat",
        link=_("Ask a question here"),
    )
    yield Part(
        _("How do you find your way?"),
        [
            _("At the top of each page there is a menu."),
            _("A menu is a list."),
            _("In the menu there are all areas."),
            _("On the phone the menu is closed."),
            _("Then press the word: Menu."),
            _("At the bottom of each page you can choose: light or dark."),
        ],
        href="/suche",
        link=_("Go to the search"),
    )


def _data(*, telegram: bool) -> Part:
    lines = [
        _("Your name is data."),
        _("Your question is data, too."),
        _("Allmende keeps few data."),
        _("Allmende deletes many data by itself."),
        _("You can look at your data."),
        _("You can delete your data."),
        _("Nobody sells your data."),
    ]
    if telegram:
        lines += [
            _("You can also ask with Telegram."),
            _("Telegram belongs to a company."),
            _("The company can read there."),
            _("Please write nothing secret there."),
        ]
    return Part(
        _("What happens with your data?"),
        lines,
        href="/datenschutz",
        link=_("More about data protection, in difficult language"),
    )


def _barriers(operator: Operator) -> Iterator[Part]:
    yield Part(
        _("Is something difficult for you?"),
        [
            _("Perhaps you cannot read something."),
            _("Or you cannot press something."),
            _("This is a barrier."),
            _("Please tell us."),
            _("You need not say your name."),
            _("Then we look at it."),
        ],
        href="/barriere-melden",
        link=_("Report a barrier"),
    )
    lines = [
        _("Did we not help you?"),
        _("Then somebody else helps you."),
        _("This body is called: enforcement body."),
        _("It costs no money."),
    ]
    yield Part(
        _("Do you need more help?"),
        [*lines, operator.enforcement] if operator.enforcement else lines,
        href="/barrierefreiheit",
        link=_("More about accessibility, in difficult language"),
    )


def _who(operator: Operator) -> Part:
    known = [operator.name, operator.address, operator.phone, operator.email]
    said = [line for line in known if line] or [_("This is not written here yet.")]
    return Part(_("Who makes Allmende here?"), said, href="/impressum", link=_("Go to the imprint"))
