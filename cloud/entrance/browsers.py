"""By what a browser is known again: a random cookie. Who has logged in there is not kept out by the tries of strangers.

It opens nothing. `accounts.commands.LogIn` remembers who logged in with it; logging out leaves it where it is.
"""

from __future__ import annotations

import re
import secrets

from litestar.datastructures import Cookie

from cloud.accounts.commands import KNOWN_FOR

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
