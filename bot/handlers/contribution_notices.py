"""What people are told of contributions, their review, reports and accounts."""

from collections.abc import Mapping

from bot.core.text import Block, bold, note, paragraph, quote, rich
from bot.handlers.contributions import entry_choices, question_of, title_of
from bot.handlers.releasing import release_choices, release_text
from bot.handlers.telling import Teller, Telling, Words, as_key, as_number
from knowledge.contributions.schemas import ContributionEntry
from knowledge.contributions.service import ContributionService
from knowledge.kit.language import _, ngettext
from knowledge.models.chat import Network
from knowledge.models.contribution import ContributionState
from knowledge.notices.repository import NoticeRepository

State = ContributionState


# One's own contributions


async def _asked(telling: Telling) -> Words | None:
    entry = await telling.own(State.ASKED)
    question = question_of(entry) if entry else None
    if entry is None or question is None:
        return None
    wanted = telling.data.get("message")
    last = [message for message in entry.messages if not message.from_author][-1]
    if wanted is not None and as_key(wanted) != last.id:
        return None  # a newer question has a notice of its own
    blocks = [paragraph(bold(_("A moderator asks about “{title}”:").format(title=title_of(entry)))), quote(question)]
    if telling.to.network is not Network.MAIL:  # where nobody can reply
        blocks.append(note(_("Choose “Answer”, or simply reply to this message.")))
    return rich(*blocks), entry_choices(entry)


async def _published(telling: Telling) -> Words | None:
    entry = await telling.own(State.PUBLISHED)
    if entry is None:
        return None
    text = rich(
        paragraph(bold(_("Published: {title}").format(title=title_of(entry)))),
        paragraph(_("Thank you! From now on others find it.")),
        *_document(telling, entry),
    )
    return text, entry_choices(entry)


async def _merged(telling: Telling) -> Words | None:
    entry = await telling.own(State.PUBLISHED)
    if entry is None:
        return None
    title = title_of(entry)
    text = rich(
        paragraph(bold(_("“{title}” is part of an entry now that others began.").format(title=title))),
        paragraph(_("Thank you! Together it says more than each alone.")),
        *_document(telling, entry),
    )
    return text, entry_choices(entry)


def _document(telling: Telling, entry: ContributionEntry) -> list[Block]:
    return telling.hub(f"/dokument/{entry.document_id}", _("Read it in the hub")) if entry.document_id else []


async def _rejected(telling: Telling) -> Words | None:
    entry = await telling.own(State.REJECTED)
    if entry is None:
        return None
    blocks = [paragraph(bold(_("Not published: {title}").format(title=title_of(entry))))]
    if entry.reason:
        blocks += [paragraph(_("The moderators give this reason:")), quote(entry.reason)]
    return rich(*blocks, note(_("You can always tell it anew: /erfahrung"))), entry_choices(entry)


async def _given_back(telling: Telling) -> Words | None:
    entry = await telling.own(State.DRAFT)
    if entry is None or not entry.reason:
        return None
    text = rich(
        paragraph(bold(_("Your house gives “{title}” back to you.").format(title=title_of(entry)))),
        quote(entry.reason),
        note(_("It is a draft again, with all that you wrote.")),
    )
    return text, entry_choices(entry)


# For those who release, moderate, administer


async def _to_release(telling: Telling) -> Words | None:
    entry = await telling.contribution(State.HOUSE)
    if entry is None or entry.organisation_id is None:
        return None
    releasing = await ContributionService(telling.unit).houses.releasing(entry.organisation_id)
    if telling.to.member_id not in releasing:
        return None
    return await release_text(telling.unit, entry), release_choices(entry)


async def _nobody_releases(telling: Telling) -> Words | None:
    entry = await telling.contribution(State.HOUSE)
    if entry is None or entry.organisation_id is None:
        return None
    if await ContributionService(telling.unit).houses.releasing(entry.organisation_id):
        return None
    sentence = _("{organisation} wants to release its contributions itself, but nobody there does. One is waiting.")
    text = rich(
        paragraph(sentence.format(organisation=entry.organisation_name or _("An organisation"))),
        *telling.hub("/organisationen", _("To the organisations in the hub")),
    )
    return text, ()


async def _waiting_long(telling: Telling) -> Words | None:
    count, days = (as_number(telling.data.get(name)) for name in ("count", "oldest_days"))
    if not telling.to.moderates or count < 1:
        return None
    waits = ngettext(
        "{count} contribution has been waiting for too long.",
        "{count} contributions have been waiting for too long.",
        count,
    ).format(count=count)
    since = ngettext("The oldest one for {days} day.", "The oldest one for {days} days.", days).format(days=days)
    return rich(paragraph(bold(waits), " ", since), *telling.hub("/pruefung", _("To the review in the hub"))), ()


async def _answered(telling: Telling) -> Words | None:
    entry = await telling.contribution(State.WAITING, State.HOUSE)
    if entry is None or not telling.to.moderates:
        return None
    answer = next((message.text for message in reversed(entry.messages) if message.from_author), None)
    title = title_of(entry)
    blocks = [paragraph(bold(_("Your question about “{title}” was answered.").format(title=title)))]
    if answer:
        blocks.append(quote(answer))
    return rich(*blocks, *telling.hub(f"/pruefung/{entry.id}", _("To the review in the hub"))), ()


async def _report_closed(telling: Telling) -> Words | None:
    key = as_key(telling.data.get("report"))
    found = await NoticeRepository(telling.unit.session).closed_report(key) if key else None
    if found is None:
        return None
    report, title = found
    blocks = [paragraph(bold(_("Somebody looked at what you reported about “{title}”.").format(title=title)))]
    if report.outcome:
        blocks.append(quote(report.outcome))
    return rich(*blocks, paragraph(_("Thank you for saying so."))), ()


async def _password_set(telling: Telling) -> Words | None:
    text = rich(
        paragraph(bold(_("A password for the hub was set for your membership."))),
        paragraph(_("If that was not you, please tell whoever runs this service at once.")),
        *telling.hub("/konto", _("To your account in the hub")),
    )
    return text, ()


async def _directory_linked(telling: Telling) -> Words | None:
    text = rich(
        paragraph(bold(_("An account of your organisation’s directory was linked to your membership."))),
        paragraph(_("Whoever has that account signs in to the hub as you.")),
        paragraph(_("If that was not you, please tell whoever runs this service at once.")),
        *telling.hub("/konto", _("To your account in the hub")),
    )
    return text, ()


TELLERS: Mapping[str, Teller] = {
    "contribution.asked": _asked,
    "contribution.published": _published,
    "contribution.rejected": _rejected,
    "contribution.merged": _merged,
    "contribution.given_back": _given_back,
    "contribution.to_release": _to_release,
    "contribution.nobody_releases": _nobody_releases,
    "review.waiting_long": _waiting_long,
    "review.answered": _answered,
    "report.closed": _report_closed,
    "account.password_set": _password_set,
    "account.directory_linked": _directory_linked,
}
