"""The style sheet, the script and the pictures: named with their digest, kept by browsers, sent compressed.

Pages themselves are never compressed: what a page holds of its reader could be told from its length by somebody who can
put words of their own into it. These files are the same for everybody, so nothing can be told from theirs.
"""

import hashlib
from functools import cache
from pathlib import Path
from urllib.parse import parse_qs

from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Scope

STATIC = Path(__file__).resolve().parent / "static"
ADDRESS, VERSION = "/static", "v"
# A file with this digest never changes; one that is asked for without is looked at again each time.
FOR_EVER, ASK_AGAIN = "public, max-age=31536000, immutable", "no-cache"
SMALLEST_COMPRESSED = 512
LEVEL = 6


def static_address(name: str) -> str:
    """Return the address of a file in ``hub/static``, which is another one once the file is."""
    return f"{ADDRESS}/{name}?{VERSION}={_digest(name)}"


def static_files() -> ASGIApp:
    """Return what serves the files."""
    return GZipMiddleware(_KeptFiles(directory=STATIC), minimum_size=SMALLEST_COMPRESSED, compresslevel=LEVEL)


class _KeptFiles(StaticFiles):
    async def get_response(self, path: str, scope: Scope) -> Response:
        """Return a file; browsers keep the ones that were asked for by their digest."""
        response = await super().get_response(path, scope)
        given = parse_qs(scope["query_string"].decode("latin-1")).get(VERSION, [""])[0]
        kept = given != "" and (STATIC / path).is_file() and given == _digest(path)
        response.headers["Cache-Control"] = FOR_EVER if kept else ASK_AGAIN
        return response


@cache
def _digest(name: str) -> str:
    return hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:12]
