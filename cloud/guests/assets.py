"""Style, script and service worker of the guests' pages: files of `shared/guests/page/`, for a till as well."""

from __future__ import annotations

from hashlib import blake2b
from pathlib import Path

from litestar import Response, get

import shared.guests
from cloud.accounts.guards import anyone

_FOLDER = Path(shared.guests.__file__).with_name("page")
_STYLESHEET = _FOLDER.joinpath("guest.css").read_bytes()
_SCRIPT = _FOLDER.joinpath("guest.js").read_bytes()
_WORKER = _FOLDER.joinpath("worker.js").read_bytes()
_KEPT = {"Cache-Control": "public, max-age=31536000, immutable"}


def _versioned(path: str, content: bytes) -> str:
    return f"{path}?v={blake2b(content, digest_size=6).hexdigest()}"


STYLESHEET_PATH = _versioned("/g-static/guest.css", _STYLESHEET)
SCRIPT_PATH = _versioned("/g-static/guest.js", _SCRIPT)


@get("/g-static/guest.css", guards=[anyone], include_in_schema=False)
async def guest_stylesheet() -> Response[bytes]:
    """Give the stylesheet."""
    return Response(_STYLESHEET, media_type="text/css", headers=_KEPT)


@get("/g-static/guest.js", guards=[anyone], include_in_schema=False)
async def guest_script() -> Response[bytes]:
    """Give the script."""
    return Response(_SCRIPT, media_type="text/javascript; charset=utf-8", headers=_KEPT)


@get("/g-static/worker.js", guards=[anyone], include_in_schema=False)
async def guest_worker() -> Response[bytes]:
    """Give the service worker, which may see the guests' addresses alone."""
    headers = {"Cache-Control": "no-store", "Service-Worker-Allowed": "/g/"}
    return Response(_WORKER, media_type="text/javascript; charset=utf-8", headers=headers)
