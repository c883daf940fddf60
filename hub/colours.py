"""Light or dark: as on the reader's device, unless they choose with ``?farben=``."""

from fastapi import Request, Response

COOKIE = "allmende_farben"
CHOICES = ("hell", "dunkel")
# As the third choice: what was chosen is forgotten.
FORGET = "auto"
_YEAR = 365 * 24 * 3600


def chosen_colours(request: Request) -> str:
    """Return ``hell``, ``dunkel``, or nothing where the device decides."""
    asked, remembered = request.query_params.get("farben"), request.cookies.get(COOKIE, "")
    value = asked if asked in (*CHOICES, FORGET) else remembered
    return value if value in CHOICES else ""


def keep_colours(request: Request, response: Response) -> None:
    """Remember what was chosen with this request, if anything was."""
    value = request.query_params.get("farben")
    if value in CHOICES:
        secure = request.url.scheme == "https"
        response.set_cookie(COOKIE, value, max_age=_YEAR, httponly=True, samesite="lax", secure=secure)
    elif value == FORGET:
        response.delete_cookie(COOKIE)
