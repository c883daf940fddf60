"""Files that are made for a request, such as calendars and plots: sent only to whoever does not have them already."""

from collections.abc import Mapping
from hashlib import sha256

from fastapi import Request, Response

from hub.api.etags import matches


def made_file(request: Request, content: bytes, media_type: str, headers: Mapping[str, str]) -> Response:
    """Return a file; nothing but that it is unchanged to whoever has it already.

    Args:
        request: that asks for it.
        content: what is in it.
        media_type: what it is.
        headers: with ``Cache-Control``, which says whether a browser has to ask at all.
    """
    tag = f'"{sha256(content).hexdigest()[:32]}"'
    said = {"ETag": tag, **headers}
    if matches(request.headers.get("If-None-Match", ""), tag, weakly=True):
        return Response(status_code=304, headers=said)
    return Response(content, media_type=media_type, headers=said)
