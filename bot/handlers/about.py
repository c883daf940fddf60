"""``/hilfe``, ``/ueber`` and ``/quellen``: what works here, what this is, and what it knows."""

from collections.abc import Iterable, Sequence

from bot.core.text import Block, RichText, Span, bold, heading, item, link, note, paragraph, rich
from bot.core.turn import Command, Glance, Handler, Turn
from bot.handlers.filling import filled
from bot.handlers.sources import FURTHER, SOURCES, kinds_text
from bot.handlers.wording import command, shows_public_only
from knowledge.about.operator import in_one_line
from knowledge.kit.language import _, ngettext
from knowledge.kit.settings import ChatSettings, EmbeddingSettings, Settings
from knowledge.kit.unit_of_work import unit_of_work
from knowledge.library.overview import Overview, library_overview
from knowledge.models.chat import Network
from knowledge.operations.program import program_version

LICENCE, LICENCE_ADDRESS = "EUPL-1.2", "https://eupl.eu/1.2/"
DEFAULT_MODEL = "all-MiniLM-L6-v2"

# Help


def help_text(glance: Glance, commands: Iterable[Command]) -> RichText:
    """Return how to ask here, and what else works here for this person."""
    offered = [known for known in commands if _works(known, glance)]
    blocks: list[Block] = [heading(_("How I can help")), *_how_to_ask(glance)]
    left = {known.names[0]: known for known in offered}
    for title, names in _groups():
        members = [left.pop(name) for name in names if name in left]
        blocks += _group(title, members, glance)
    blocks += _group(_("More"), list(left.values()), glance)
    leave = filled(_("{command} ends a dialogue."), command=command(glance, "abbrechen", "cancel"))
    blocks.append(note(*leave))
    return rich(*blocks)


def _works(known: Command, glance: Glance) -> bool:
    if known.personal and glance.incoming.sender.anonymous:
        return False
    return glance.chat.kind in known.where and known.offered(glance)


def _groups() -> Sequence[tuple[str, tuple[str, ...]]]:
    """Return the titles of the groups with the commands in each, as far as they are known here."""
    return (
        (_("Asking"), ("frage", "quellen", "merkliste", "weitergeben", "fragen")),
        (_("Contributing"), ("erfahrung", "merken", "beitraege", "korrektur", "freigaben")),
        (_("Learning"), ("schulungen", "schulung", "lernen", "lernpfad", "wieweit", "nachweise")),
        (_("You"), ("beitreten", "profil", "sprache", "hub", "verknuepfen", "trennen", "meinedaten", "loeschen")),
        (
            _("This group"),
            ("arbeitskreis", "verbinden", "themen", "buergen", "fragenerkennen", "pause", "weiter"),
        ),
        (_("About me"), ("hilfe", "ueber")),
    )


def _group(title: str, members: Sequence[Command], glance: Glance) -> list[Block]:
    if not members:
        return []
    return [paragraph(bold(title)), *(item(_written(known, glance), f" {known.about()}") for known in members)]


def _written(known: Command, glance: Glance) -> Span:
    german, english = known.names[0], known.names[1] if len(known.names) > 1 else known.names[0]
    return command(glance, german, english)


def _how_to_ask(glance: Glance) -> list[Block]:
    if glance.is_direct:
        return [paragraph(_("Just write your question here, in a sentence or a few words."))]
    sentence = _("Write {command}, mention me, or reply to one of my messages. Otherwise I am silent.")
    return [paragraph(*filled(sentence, command=command(glance, "frage", "ask", "…")))]


async def _say_help(turn: Turn) -> None:
    # The registry knows all handlers, this one too.
    from bot.handlers.registry import build_registry

    turn.say(help_text(turn.glance, build_registry().commands))


# About


async def _prepare_about(glance: Glance) -> Overview:
    async with unit_of_work(glance.services.database, writes=False) as unit:
        return await library_overview(unit.session, glance.viewer)


async def _say_about(turn: Turn) -> None:
    turn.say(about_text(turn.glance, turn.prepared))


def about_text(glance: Glance, overview: Overview) -> RichText:
    """Return what this is, on what it stands, what it keeps, who runs it and how to object."""
    settings = glance.services.settings
    return rich(
        heading(_("About me")),
        paragraph(
            _(
                "I am Allmende, a machine. I look for your question in a library of municipalities and show what "
                "stands there, word for word and with its source. I write nothing of my own."
            )
        ),
        *_foreign_house(glance),
        _titled(_("Data"), kinds_text(overview) if overview.documents else _("Nothing may be shown here yet.")),
        _titled(_("Model"), model_text(settings.embedding)),
        _titled(
            _("Limits"),
            _(
                "I find only what is in the library and may overlook something. Whether it fits your case, and whether "
                "it still holds, please check in the source. This is no legal advice."
            ),
        ),
        _titled(_("What I keep"), kept_text(settings.chats)),
        _titled(_("Your rights"), *_rights(glance)),
        _titled(_("Who runs this"), operator_text(settings)),
        *_further(settings),
        note(
            *filled(
                _("Version {version}, licence {licence}"),
                version=Span(program_version()),
                licence=link(LICENCE, LICENCE_ADDRESS),
            )
        ),
    )


def _titled(title: str, *parts: str | Span) -> Block:
    return paragraph(bold(title), "\n", *parts)


def _foreign_house(glance: Glance) -> list[Block]:
    if glance.network is not Network.TELEGRAM:
        return []
    shown = _("Here I show only what is public.") + " " if shows_public_only(glance) else ""
    return [
        _titled(
            _("A foreign house"),
            shown
            + _(
                "Telegram is a company’s service outside of our administrations; it can read what is written here. "
                "Please write nothing confidential and nobody’s personal data."
            ),
        )
    ]


def model_text(settings: EmbeddingSettings) -> str:
    """Return which language model helps in searching."""
    if settings.embedding_model == "none":
        return _("None: I search by words alone, on our own server.")
    name = (
        DEFAULT_MODEL if settings.embedding_model == "default" else settings.embedding_model.rstrip("/").split("/")[-1]
    )
    return _("{name} compares texts while searching, on our own server. No model writes the answers.").format(name=name)


def kept_text(chats: ChatSettings) -> str:
    """Return what is kept and for how long, as it is set."""
    days = {
        "thread": _days(chats.chat_thread_days),
        "words": _days(chats.chat_question_days),
        "watch": _days(chats.chat_watch_days),
    }
    return _(
        "Only what you write to me. The words of a question: {words}, without your name. That you asked it, so that "
        "you can come back to it: {thread}. “Tell me later”: {watch}. Whether an answer helped is kept without you."
    ).format(**days)


def _days(count: int) -> str:
    return ngettext("{count} day", "{count} days", count).format(count=count)


def _rights(glance: Glance) -> tuple[str | Span, ...]:
    sentence = _(
        "{mine} shows everything that is kept about you, {erase} erases it. You may object at any time; please write "
        "to whoever runs this. Using me is voluntary."
    )
    mine, erase = command(glance, "meinedaten", "mydata"), command(glance, "loeschen", "delete")
    return filled(sentence, mine=mine, erase=erase)


def _further(settings: Settings) -> list[Block]:
    """Return where the hub says more, where people can reach one."""
    if settings.hub.hub_url is None:
        return []
    places = ((_("About Allmende"), "ueber"), (_("Data protection"), "datenschutz"), (_("Imprint"), "impressum"))
    links = [link(text, f"{settings.hub.address}/{path}") for text, path in places]
    return [_titled(_("More"), links[0], " · ", links[1], " · ", links[2])]


def operator_text(settings: Settings) -> str:
    """Return who runs this and how to reach them."""
    return in_one_line(settings) or _("Whoever set this up has not said so yet. Please ask a moderator of your circle.")


COMMANDS = (
    Command(("hilfe", "help"), lambda: _("What works here"), Handler(_say_help), informs=True),
    Command(
        ("ueber", "about", "über"),
        lambda: _("What I am, what I keep, who runs me"),
        Handler(_say_about, prepare=_prepare_about),
        informs=True,
    ),
    SOURCES,
)
CHOICES = (FURTHER,)
