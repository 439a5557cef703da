"""The network address that a request comes from, behind the proxies that we trust."""

from __future__ import annotations

from ipaddress import IPv4Network, IPv6Network, ip_address
from typing import Any

from litestar.connection import ASGIConnection

Network = IPv4Network | IPv6Network
_IPV6_SITE_BITS = 64
"""A house has 2**64 addresses of IPv6; counting each by itself would count nothing."""


def caller_address(connection: ASGIConnection[Any, Any, Any, Any]) -> str:
    """The caller's address: the last hop of X-Forwarded-For that is not a trusted proxy, else the peer's own.

    IPv6 addresses are cut to their /64.
    """
    trusted: tuple[Network, ...] = connection.app.state.settings.trusted_proxies
    address = connection.client.host if connection.client else ""
    for hop in reversed(connection.headers.get("x-forwarded-for", "").split(",")):
        if not _within(address, trusted) or not hop.strip():
            break
        address = hop.strip()
    return _site(address)


def _within(address: str, networks: tuple[Network, ...]) -> bool:
    try:
        return any(ip_address(address) in network for network in networks)
    except ValueError:
        return False


def _site(address: str) -> str:
    try:
        parsed = ip_address(address)
    except ValueError:
        return "unknown"
    if parsed.version == 4:
        return str(parsed)
    return str(IPv6Network((parsed, _IPV6_SITE_BITS), strict=False))
