"""``/profil`` and ``/sprache``: what is known of a person, whom they work for, and the language they hear."""

from bot.core.dialogue import Dialogue, Draft, Prompt, Step
from bot.core.dialogues import begin_dialogue
from bot.core.messages import Choice
from bot.core.text import Block, bold, item, note, paragraph, rich
from bot.core.turn import ChoiceHandler, Command, Glance, Handler, Turn
from bot.handlers.profile_network import member_id_of, profile_blocks, profile_choices
from bot.handlers.wording import command, whom_to_ask
from knowledge.chats.words import network_word
from knowledge.circles.service import CircleService
from knowledge.kit.clock import now
from knowledge.kit.errors import InvalidInput
from knowledge.kit.language import _, choose_language, current_language
from knowledge.members.repository import IdentityRepository
from knowledge.members.words import role_word
from knowledge.models.chat import ChatKind, Network
from knowledge.models.organisation import Organisation
from knowledge.organisations.schemas import FoundOrganisation
from knowledge.organisations.service import OrganisationService
from knowledge.peers.profile import ProfileService

SHOWN, FOUND_AT_MOST = 5, 25
LANGUAGE_NAMES = {
    "de": ("de", "deutsch", "german", "ger"),
    "en": ("en", "englisch", "english", "eng"),
}
MORE, AGAIN = "more", "again"


async def warn_once(turn: Turn) -> bool:
    """Warn somebody on Telegram, once, before they tell about their house; returns whether the warning was said."""
    if turn.glance.network is not Network.TELEGRAM:
        return False
    if not await IdentityRepository(turn.unit.session).mark_once(turn.identity.id, "warned_at", now()):
        return False
    turn.say(
        rich(
            paragraph(
                bold(_("A word before you write about your organisation:")),
                " ",
                _(
                    "Telegram is a foreign house. Its operator can read what you write here, and it lies on servers "
                    "outside of the administration. Please write nothing confidential, and no names of citizens or "
                    "colleagues."
                ),
            )
        )
    )
    return True


# --- /profil


async def show_profile(turn: Turn) -> None:
    """Show what is known of the person, or look for the organisation that they name."""
    if turn.glance.argument and not turn.identity.verified:
        await begin_dialogue(turn, ORGANISATION, {"query": turn.glance.argument[:200]})
        return
    blocks = [paragraph(bold(_("What is known of you")))]
    blocks += [*await _membership(turn), item(bold(_("Language:")), " ", _language_word(current_language()))]
    blocks.append(item(bold(_("Networks:")), " ", await _networks(turn)))
    member, choices = member_id_of(turn), _profile_choices(turn)
    if member is not None:
        profile = await ProfileService(turn.unit).get(member)
        blocks += await profile_blocks(turn, profile)
        choices += profile_choices(profile)
    blocks += _explanation(turn)
    turn.say(rich(*blocks), choices=choices)


async def _membership(turn: Turn) -> list[Block]:
    organisation = await _organisation(turn)
    name = organisation.name if organisation else _("not known")
    if turn.identity.role is None:
        said = _("{name} (as you said; not checked)").format(name=name) if organisation else name
        return [item(bold(_("Verified:")), " ", _("no")), item(bold(_("Organisation:")), " ", said)]
    return [
        item(bold(_("Verified:")), " ", _("yes")),
        item(bold(_("Organisation:")), " ", name),
        item(bold(_("Role:")), " ", role_word(turn.identity.role)),
    ]


async def _organisation(turn: Turn) -> Organisation | None:
    key = turn.identity.organisation_id
    return await OrganisationService(turn.unit.session).repository.get(key) if key else None


async def _networks(turn: Turn) -> str:
    member = turn.identity.member_id
    linked = await IdentityRepository(turn.unit.session).of_member(member) if member else []
    names = {network_word(identity.network) for identity in linked} | {network_word(turn.glance.network)}
    return ", ".join(sorted(names))


def _explanation(turn: Turn) -> list[Block]:
    glance = turn.glance
    if turn.identity.verified:
        return [
            note(_("Your organisation came with your verification. To have it changed:"), " ", whom_to_ask(glance)),
            note(_("All that is stored:"), " ", command(glance, "meinedaten", "mydata")),
        ]
    return [
        note(_("Without verification, what you say of your organisation only decides for which Land answers are.")),
        note(_("To be verified:"), " ", command(glance, "beitreten", "join")),
    ]


def _profile_choices(turn: Turn) -> tuple[Choice, ...]:
    other = "en" if current_language() == "de" else "de"
    language = Choice(f"language:{other}", _language_word(other), "🌐")
    if turn.identity.verified:
        return (language,)
    choices = [Choice("profile:organisation", _("Choose my organisation"), "🏛️"), language]
    if turn.identity.organisation_id is not None:
        choices.append(Choice("profile:forget", _("Forget my organisation"), "🧹"))
    return tuple(choices)


async def change_profile(turn: Turn) -> None:
    """Do what was chosen below the profile."""
    if turn.identity.verified:
        turn.say(rich(_("Your organisation came with your verification."), whom_to_ask(turn.glance)))
    elif turn.glance.choice == "organisation":
        await begin_dialogue(turn, ORGANISATION, {})
    elif turn.glance.choice == "forget":
        await IdentityRepository(turn.unit.session).change(turn.identity.id, organisation_id=None)
        turn.say(rich(_("Your organisation is forgotten.")))


# --- The dialogue that finds an organisation


async def _ask(turn: Turn, draft: Draft) -> Prompt:
    await warn_once(turn)
    if "query" not in draft.data:
        return Prompt(
            rich(
                _("Whom do you work for? Please write the name or the beginning of it, such as “Lindenau”."),
                note(_("It only decides for which Land answers are, and is not checked.")),
            )
        )
    found, offset = await _find(turn, draft.data["query"]), draft.data.get("offset", 0)
    page = found[offset : offset + SHOWN]
    draft.data["keys"] = [organisation.key for organisation in page]
    choices = [Choice(f"pick-{number}", _label(organisation)) for number, organisation in enumerate(page)]
    if len(found) > offset + SHOWN:
        choices.append(Choice(MORE, _("Further ones")))
    choices.append(Choice(AGAIN, _("Search again")))
    question = _("Which one is it?") if page else _("No organisation is called like this.")
    return Prompt(rich(question), tuple(choices))


async def _take(turn: Turn, draft: Draft, answer: str) -> str | None:
    if answer == AGAIN:
        draft.data.clear()
        return "search"
    if answer == MORE and "query" in draft.data:
        draft.data["offset"] = draft.data.get("offset", 0) + SHOWN
        return "search"
    chosen = _chosen(draft.data.get("keys", []), answer)
    if chosen is not None:
        await _keep_organisation(turn, chosen)
        return None
    if not await _find(turn, answer):
        raise InvalidInput(
            _("No organisation is called like this. Please try the beginning of the name, or its Gemeindeschlüssel.")
        )
    draft.data = {"query": answer}
    return "search"


async def _keep_organisation(turn: Turn, key: str) -> None:
    if turn.identity.verified:  # meanwhile, by a code
        turn.say(rich(_("Your organisation came with your verification.")))
        return
    organisation = await OrganisationService(turn.unit.session).get_usable(key)
    await IdentityRepository(turn.unit.session).change(turn.identity.id, organisation_id=organisation.id)
    turn.say(
        rich(
            _("Noted: {name}. Answers now mind the Land that you work in.").format(name=organisation.name),
            note(_("This was not checked, so you go on finding what is public.")),
        )
    )


def _chosen(keys: list[str], answer: str) -> str | None:
    number = answer.removeprefix("pick-")
    if number == answer or not number.isdecimal() or int(number) >= len(keys):
        return None
    return keys[int(number)]


async def _find(turn: Turn, text: str) -> list[FoundOrganisation]:
    return await OrganisationService(turn.unit.session).find(text, limit=FOUND_AT_MOST)


def _label(found: FoundOrganisation) -> str:
    around = found.district or found.state
    return f"{found.name} ({found.label}{', ' + around if around and around != found.name else ''})"


# --- /sprache


async def set_language(turn: Turn) -> None:
    """Choose the language: a person's own in a direct chat, the circle's in its group."""
    said = (turn.glance.choice or turn.glance.argument).strip().casefold()
    language = next((key for key, names in LANGUAGE_NAMES.items() if said in names), None)
    if language is None:
        choices = tuple(Choice(f"language:{key}", _language_word(key)) for key in LANGUAGE_NAMES)
        turn.say(rich(_("Which language shall it be?")), choices=choices)
    elif turn.glance.is_direct:
        await IdentityRepository(turn.unit.session).change(turn.identity.id, language=language)
        choose_language(language)
        turn.say(rich(_("From now on, I speak English with you.")))
    else:
        await _set_group_language(turn, language)


async def _set_group_language(turn: Turn, language: str) -> None:
    circle = turn.chat.circle
    if circle is None:
        turn.say(rich(_("This group is not linked to a circle, so it has no language of its own.")))
    elif not turn.identity.moderates:
        turn.say(rich(_("Only moderators choose the language of a group.")))
    else:
        await CircleService(turn.unit.session).set_language(circle.id, language)
        choose_language(language)
        turn.say(rich(_("From now on, I speak English in this group.")))


def _language_word(language: str) -> str:
    return {"de": "Deutsch", "en": "English"}[language]


def _offers_language(glance: Glance) -> bool:
    return glance.is_direct or (glance.chat.circle is not None and glance.identity.moderates)


ORGANISATION = Dialogue("organisation", "search", {"search": Step(_ask, _take)}, keep_days=1)
COMMANDS = (
    Command(
        ("profil", "profile"),
        lambda: _("What is known of you; what you can help with, and who may find you"),
        Handler(show_profile),
        where=frozenset({ChatKind.DIRECT}),
        personal=True,
    ),
    Command(
        ("sprache", "language"),
        lambda: _("Speak German or English"),
        Handler(set_language),
        offered=_offers_language,
    ),
)
CHOICES = (ChoiceHandler("profile", Handler(change_profile)), ChoiceHandler("language", Handler(set_language)))
DIALOGUES = (ORGANISATION,)
