"""GET /static/...: stylesheet, script and icon. Their addresses change with their content: browsers may cache them."""

from __future__ import annotations

from hashlib import blake2b
from pathlib import Path

from litestar import Response, get

from cloud.accounts.guards import anyone

_FOLDER = Path(__file__).with_name("static")
_STYLESHEET = _FOLDER.joinpath("comanda.css").read_bytes()
_SCRIPT = _FOLDER.joinpath("live.js").read_bytes()
_ICON = _FOLDER.joinpath("icon.svg").read_bytes()
_KEPT = {"Cache-Control": "public, max-age=31536000, immutable"}


def _versioned(path: str, content: bytes) -> str:
    return f"{path}?v={blake2b(content, digest_size=6).hexdigest()}"


STYLESHEET_PATH = _versioned("/static/comanda.css", _STYLESHEET)
SCRIPT_PATH = _versioned("/static/live.js", _SCRIPT)
ICON_PATH = _versioned("/static/icon.svg", _ICON)


@get("/static/comanda.css", guards=[anyone], include_in_schema=False)
async def stylesheet() -> Response[bytes]:
    """Give the stylesheet."""
    return Response(_STYLESHEET, media_type="text/css", headers=_KEPT)


@get("/static/live.js", guards=[anyone], include_in_schema=False)
async def script() -> Response[bytes]:
    """Give the script that renews live parts of pages."""
    return Response(_SCRIPT, media_type="text/javascript; charset=utf-8", headers=_KEPT)


@get("/static/icon.svg", guards=[anyone], include_in_schema=False)
async def icon() -> Response[bytes]:
    """Give the icon."""
    return Response(_ICON, media_type="image/svg+xml", headers=_KEPT)


@get("/favicon.ico", guards=[anyone], include_in_schema=False)
async def favicon() -> Response[bytes]:
    """Give the icon to browsers that ask where icons used to be."""
    return Response(_ICON, media_type="image/svg+xml", headers={"Cache-Control": "public, max-age=86400"})


@get("/robots.txt", guards=[anyone], include_in_schema=False)
async def robots() -> Response[str]:
    """Ask search engines to stay outside: nothing here is for the public."""
    return Response("User-agent: *\nDisallow: /\n", media_type="text/plain; charset=utf-8")
