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
        "account.sessions_ended": _("The other sessions are ended."),
        "account.session_ended": _("The session is ended."),
        "account.password_set": _("Your password is set. All other sessions are ended."),
        "account.second_factor_set": _("Your second factor is set. All other sessions are ended."),
        "account.signed_in": _("You are signed in."),
        "account.signed_out": _("You are signed out."),
        "review.published": _("Published. Its author is told. This is the next one."),
        "review.merged": _("Merged. Its author is told. This is the next one."),
        "review.asked": _("Your question is on its way; the answer comes back here. This is the next one."),
        "review.rejected": _("Rejected. Its author is told why. This is the next one."),
        "review.postponed": _("Postponed; it comes back by itself. This is the next one."),
        "review.all_done": _("Done. There is nothing left in this part of the queue."),
        "review.edited": _("Your changes are saved."),
        "review.redacted": _("Redacted."),
        "review.report_closed": _("The report is closed."),
        "contributions.saved": _("Your draft is kept. Nobody else sees it."),
        "contributions.sent": _("Thank you. Your contribution is sent; here you see where it stands."),
        "contributions.answered": _("Your answer is with the moderators."),
        "contributions.reopened": _("It is a draft again. Please send it when you are done."),
        "contributions.withdrawn": _("It is withdrawn. Nobody finds it any more."),
        "contributions.redacted": _("Redacted."),
        "releases.released": _("Released. The network’s moderators see it now."),
        "releases.given_back": _("Given back. Its author is told why."),
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
        "members.changed": _("The changes are saved."),
        "members.suspended": _("The member is suspended and signed out everywhere."),
        "members.lifted": _("The member takes part again."),
        "members.left": _("The member has left and is signed out everywhere."),
        "organisations.changed": _("The changes are saved."),
        "organisations.added": _("The organisation is added."),
        "organisations.domain_added": _("The mail domain is registered."),
        "organisations.domain_removed": _("The mail domain is removed."),
        "circles.changed": _("The changes are saved."),
        "circles.vouched": _("You vouch for the group: it finds what is for the network now."),
        "circles.not_vouched": _(
            "Nobody vouches for the group any more: it finds what is public, and its own documents."
        ),
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
