"""Who may come to the till in a browser: rules on the headers of a request, and a password. Pure.

A browser sends any page's WebSocket to any address, this machine's own too, and says in `Origin` whose page it was. A
name that an outsider points at this machine stands in `Host`. Both must be ours.
"""

from __future__ import annotations

import hmac
import ipaddress
from base64 import b64decode
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

COOKIE = "comanda-serve"


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach an address."""
    if host == "localhost":
        return True
    address = _address(host)
    return address is not None and address.is_loopback


@dataclass(frozen=True, slots=True)
class Gate:
    """Where the till is served, and to whom.

    Attributes:
        host, port: what it listens on.
        public_url: how browsers reach it, if that is another address.
        password: asked of every browser; empty for none, on this machine alone.
        token: what the cookie of a browser says that gave the password.
    """

    host: str
    port: int
    public_url: str = ""
    password: str = ""
    token: str = ""

    def lets_host(self, host: str) -> bool:
        """Whether a request was meant for us: the name that it was sent to is one of ours."""
        parts = urlsplit(f"//{host.strip().lower()}")
        name, public = parts.hostname or "", urlsplit(self.public_url).hostname
        if name in (self.host.lower(), public):
            return bool(name)
        if is_loopback(self.host):
            return is_loopback(name)
        listening, meant = _address(self.host), _address(name)
        # A name that somebody points at us would be no address.
        return listening is not None and listening.is_unspecified and meant is not None

    def lets_origin(self, origin: str, host: str) -> bool:
        """Whether the page that asks is ours: it came from where it sends to, or from the public address."""
        if not origin:
            return False
        asking, public = urlsplit(origin.lower()), urlsplit(self.public_url.lower())
        if public.netloc and (asking.scheme, asking.netloc) == (public.scheme, public.netloc):
            return True
        return asking.scheme in ("http", "https") and asking.netloc == host.strip().lower()

    def knows(self, headers: Mapping[str, str], cookies: Mapping[str, str]) -> bool:
        """Whether a browser gave the password, now or before."""
        if not self.password:
            return True
        if hmac.compare_digest(cookies.get(COOKIE, "").encode(), self.token.encode()):
            return True
        return hmac.compare_digest(_password_of(headers.get("Authorization", "")).encode(), self.password.encode())


def _password_of(authorization: str) -> str:
    """The password of a Basic authorization; empty if there is none. Whoever it is, the PIN says."""
    scheme, _, value = authorization.partition(" ")
    if scheme.lower() != "basic":
        return ""
    try:
        return b64decode(value, validate=True).decode().partition(":")[2]
    except ValueError:
        return ""


def _address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None
