"""What a page says about the form that led to it: „Veröffentlicht." and the like.

The browser carries the name of the text to the next page that it shows, once.
"""

from datetime import timedelta

from fastapi import Request, Response
from fastapi.responses import RedirectResponse

from knowledge.kit.language import _

COOKIE = "allmende_said"
LASTS = timedelta(minutes=1)


def texts() -> dict[str, str]:
    """Return all texts by name, in the current language; ``{count}`` is filled in."""
    return {
        **_own_texts(),
        **_network_texts(),
        **_kept_texts(),
        **_governed_texts(),
        **_learning_texts(),
        **_training_texts(),
    }


def _own_texts() -> dict[str, str]:
    """Return the texts about one's own account and what is one's own."""
    return {
        "account.sessions_ended": _("The other sessions are ended."),
        "account.session_ended": _("The session is ended."),
        "account.password_set": _("Your password is set. All other sessions are ended."),
        "account.second_factor_set": _("Your second factor is set. All other sessions are ended."),
        "account.signed_in": _("You are signed in."),
        "account.signed_out": _("You are signed out."),
        "account.link_mailed": _(
            "If this address is confirmed for somebody here, a link is on its way. It works for 15 minutes."
        ),
        "account.directory_linked": _("Your directory account is linked. You can sign in with it from now on."),
        "account.directory_unlinked": _("The link is removed. Nobody signs in as you with that account any more."),
        "chat.deleted": _("The conversation is deleted."),
        "chat.erased": _("Everything about you is erased."),
        "tokens.ended": _("It is ended. No program can use it any more."),
        "mail.asked": _("Please look into your mail: with the link there you confirm the address."),
        "mail.changed": _("Your wishes are saved."),
        "mail.removed": _("The address is erased."),
        "contributions.saved": _("Your draft is kept. Nobody else sees it."),
        "contributions.sent": _("Thank you. Your contribution is sent; here you see where it stands."),
        "contributions.answered": _("Your answer is with the moderators."),
        "contributions.reopened": _("It is a draft again. Please send it when you are done."),
        "contributions.withdrawn": _("It is withdrawn. Nobody finds it any more."),
        "contributions.redacted": _("Redacted."),
        "profile.changed": _("Your profile is saved."),
        "care.still_current": _("Thank you! You are asked again before it grows stale."),
        "handover.noted": _("Noted, as a draft. Write down the next thing, or say who takes over."),
        "handover.offered": _("Your colleague is asked. Until somebody says yes, you go on looking after it."),
        "handover.open": _("Your organisation is told that the succession is open."),
        "handover.accepted": _("Thank you, you look after it from now on."),
        "handover.declined": _("All right. Your organisation is told that the succession is open."),
    }


def _network_texts() -> dict[str, str]:
    """Return the texts about what goes on between people."""
    return {
        "questions.released": _("Your question is out in the network. Here you see where it is."),
        "questions.answered": _("Thank you! Whoever asked gets your answer."),
        "questions.joined": _("Noted. You hear of every answer, too."),
        "questions.left": _("You hear nothing more of this question."),
        "questions.declined": _("All right. Thank you for saying so."),
        "questions.open_again": _("The question is open again."),
        "questions.written": _("Your message is on its way."),
        "questions.marked": _("Thank you. Whoever answered hears of it."),
        "questions.topics_changed": _("The topics are changed. The question goes to whom it fits now."),
        "questions.withdrawn": _("Your question is taken back, and its words are erased."),
        "questions.answer_withdrawn": _("Your answer is taken back, and its words are erased."),
        "questions.reported": _("Thank you. Your report is with the moderators."),
        "questions.removed": _("It is taken out, and whoever wrote it is told."),
        "questions.left_in": _("The report is closed. What was reported stays."),
        "contacts.asked": _("Your request is on its way. Here you see what becomes of it."),
        "contacts.accepted": _("You both said yes. These are the addresses."),
        "contacts.declined": _("You said no. Whoever asked reads “not available” and learns no more."),
        "contacts.withdrawn": _("Your request is taken back."),
        "contacts.passed_on": _("Your colleague is asked. You have nothing more to do."),
        "contacts.blocked": _("This person cannot ask you any more, and does not learn of it."),
        "contacts.unblocked": _("This person may ask you again."),
        "gaps.looking": _("The gaps are looked at. Please load this page again in a moment."),
        "gaps.dismissed": _("Set aside. You can take this back here."),
        "gaps.restored": _("The gap is open again, if enough people asked."),
        "gaps.asked": _("Your question is out in the network, in the name of your organisation."),
        "releases.released": _("Released. The network’s moderators see it now."),
        "releases.given_back": _("Given back. Its author is told why."),
    }


def _kept_texts() -> dict[str, str]:
    """Return the texts about what moderators keep."""
    return {
        "review.published": _("Published. Its author is told. This is the next one."),
        "review.merged": _("Merged. Its author is told. This is the next one."),
        "review.asked": _("Your question is on its way; the answer comes back here. This is the next one."),
        "review.rejected": _("Rejected. Its author is told why. This is the next one."),
        "review.postponed": _("Postponed; it comes back by itself. This is the next one."),
        "review.all_done": _("Done. There is nothing left in this part of the queue."),
        "review.edited": _("Your changes are saved."),
        "review.redacted": _("Redacted."),
        "review.report_closed": _("The report is closed."),
        "library.reported": _("Thank you. Your report is with the moderators."),
        "library.withdrawn": _("Withdrawn: {count}."),
        "library.restored": _("Restored: {count}."),
        "library.review_dates": _("Review date set: {count}."),
        "library.edited": _("Saved."),
        "library.nothing_changed": _("Nothing was different, so nothing was changed."),
        "library.new_version": _("Saved as a new version."),
        "library.merged": _("Merged. This is the document that stays."),
        "synonyms.added": _("Added."),
        "synonyms.known": _("That was known already."),
        "synonyms.removed": _("Removed."),
        "pages.seen": _("Noted that it was seen."),
        "pages.done": _("Done. It is deleted by itself later."),
        "topics.added": _("Added."),
        "topics.changed": _("The changes are saved."),
        "topics.retired": _("The topic is not offered any more."),
        "topics.restored": _("The topic is offered again."),
    }


def _governed_texts() -> dict[str, str]:
    """Return the texts about who and what belongs to the network."""
    return {
        "members.changed": _("The changes are saved."),
        "members.suspended": _("The member is suspended and signed out everywhere."),
        "members.lifted": _("The member takes part again."),
        "members.left": _("The member has left and is signed out everywhere."),
        "organisations.changed": _("The changes are saved."),
        "organisations.added": _("The organisation is added."),
        "organisations.domain_added": _("The mail domain is registered."),
        "organisations.domain_removed": _("The mail domain is removed."),
        "circles.changed": _("The changes are saved."),
        "directories.added": _("The directory is added. Check the connection, then switch it on."),
        "directories.changed": _("The changes are saved."),
        "directories.on": _("People can sign in with this directory now."),
        "directories.off": _("Nobody can sign in with this directory any more."),
        "directories.removed": _("The directory is removed, with all accounts that were linked."),
        "circles.vouched": _("You vouch for the group: it finds what is for the network now."),
        "circles.not_vouched": _(
            "Nobody vouches for the group any more: it finds what is public, and its own documents."
        ),
    }


def _learning_texts() -> dict[str, str]:
    """Return the texts about lessons, paths and certificates."""
    return {
        "certificates.made": _("Your certificate is ready."),
        "certificates.revoked": _("The certificate is revoked. Its address no longer says that it is valid."),
        "lessons.rated": _("Thank you."),
        "lessons.saved": _("Saved as a draft. Nobody else sees it yet."),
        "lessons.published": _("Published. Who is in the middle of it stays on their version."),
        "lessons.withdrawn": _("Withdrawn. Who is in the middle of it may finish it."),
        "lessons.path_saved": _("The path is saved."),
        "lessons.path_published": _("Published. Who may find it can take it from now on."),
        "lessons.path_withdrawn": _("Withdrawn. Nobody finds it any more."),
        "lessons.circle_started": _("The circle takes this path together from now on."),
        "lessons.circle_changed": _("The changes are saved."),
        "lessons.checks_forgotten": _("Your answers are forgotten."),
    }


def _training_texts() -> dict[str, str]:
    """Return the texts about trainings."""
    return {
        "trainings.registered": _("You are registered. Place or link stand here now, and we remind you in time."),
        "trainings.waiting": _("You are on the waiting list. As soon as a place becomes free we write to you."),
        "trainings.left": _("Your registration is cancelled."),
        "trainings.accepted": _("The place is yours. Place or link stand here now."),
        "trainings.declined": _("All right. The place goes to the next person."),
        "trainings.asked": _("Your question is on its way to whoever runs the training."),
        "trainings.feedback": _("Thank you. Nobody learns that it was you."),
        "trainings.feed_ended": _("The address of your calendar works no longer."),
        "trainings.saved": _("Saved as a draft. Nobody else sees it yet."),
        "trainings.changed": _("The changes are saved."),
        "trainings.published": _("Published. From now on people can register."),
        "trainings.cancelled": _("The training is cancelled. Everybody who was registered is told."),
        "trainings.copied": _("This is the copy, as a draft. Please check dates and texts."),
        "trainings.discarded": _("The draft is deleted."),
        "trainings.attendance": _("Saved who was there."),
        "trainings.answered": _("Your answer is on its way."),
        "trainings.material_added": _("Added. It is shown from its day on."),
        "trainings.material_removed": _("Removed from this training. What is in the library stays there."),
    }


def redirect(url: str, *, said: str | None = None, count: int = 0) -> RedirectResponse:
    """Lead to another page after a form did what it was for.

    Args:
        url: where to; a path of ours.
        said: the name of what the next page says (see ``texts``).
        count: a number in that text.

    Raises ``KeyError`` for a text that there is not.
    """
    response = RedirectResponse(url, status_code=303)
    if said is not None:
        texts()[said]
        # No secret, so one name for both schemes will do; it is read by ``said_to`` alone.
        response.set_cookie(
            COOKIE, f"{said}:{count}", max_age=int(LASTS.total_seconds()), httponly=True, samesite="lax"
        )
    return response


def said_to(request: Request) -> str | None:
    """Return what the page that is shown now says."""
    name, _colon, number = request.cookies.get(COOKIE, "").partition(":")
    text = texts().get(name)
    if text is None:
        return None
    count = int(number) if number.isdecimal() and number.isascii() and len(number) < 8 else 0
    return text.format(count=count)


def forget_said(request: Request, response: Response) -> None:
    """Say it once only."""
    if COOKIE in request.cookies:
        response.delete_cookie(COOKIE, httponly=True, samesite="lax")
