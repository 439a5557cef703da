"""The cookies of a browser: that of a log-in session, and the one by which the browser is known again.

The second is random and opens nothing. Who has logged in there is not kept out by the tries of strangers:
`accounts.commands.LogIn` remembers who logged in with it; logging out leaves it where it is.
"""

from __future__ import annotations

import re
import secrets

from litestar.datastructures import Cookie

from cloud.accounts.commands import KNOWN_FOR
from cloud.accounts.guards import COOKIE, SECURE_COOKIE
from cloud.accounts.sessions import LONGEST

BROWSER_COOKIE = "comanda_browser"
SECURE_BROWSER_COOKIE = "__Host-comanda_browser"
_RANDOM_BYTES = 16
_ONE_OF_OURS = re.compile(r"[0-9a-f]{32}")


def known_browser(value: str) -> str:
    """What the cookie says, or something new if it says nothing of ours."""
    return value if _ONE_OF_OURS.fullmatch(value) else secrets.token_hex(_RANDOM_BYTES)


def browser_cookie(browser: str, *, secure: bool) -> Cookie:
    """The cookie of a browser in which somebody has just logged in."""
    return Cookie(
        key=SECURE_BROWSER_COOKIE if secure else BROWSER_COOKIE,
        value=browser,
        max_age=int(KNOWN_FOR.total_seconds()),
        path="/",
        httponly=True,
        secure=secure,
        samesite="lax",
    )


def session_cookie(token: str, *, secure: bool) -> Cookie:
    """The cookie of a log-in session; an empty one takes it back. No script can read it, and no other site send it."""
    return Cookie(
        key=SECURE_COOKIE if secure else COOKIE,
        value=token,
        max_age=int(LONGEST.total_seconds()) if token else 0,
        path="/",
        httponly=True,
        secure=secure,
        samesite="lax",
    )
