"""The network address that a request comes from, behind the proxies that we trust."""

from __future__ import annotations

from collections.abc import Collection
from contextlib import suppress
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Any

from litestar.connection import ASGIConnection

Network = IPv4Network | IPv6Network
Address = IPv4Address | IPv6Address
UNKNOWN = "unknown"
_TRANSLATED = IPv6Network("64:ff9b::/96")
"""What a network without IPv4 makes of callers by IPv4 (RFC 6052)."""
_IPV6_SITE_BITS = 64
"""A house has 2**64 addresses of IPv6; counting each by itself would count nothing."""


def caller_address(connection: ASGIConnection[Any, Any, Any, Any]) -> str:
    """The caller's address: the last hop that is not a trusted proxy, else the peer's own; IPv6 is cut to its /64.

    A proxy may append to the line of X-Forwarded-For that came, or write a line of its own below it: what the nearest
    proxy wrote always comes last.
    """
    trusted: tuple[Network, ...] = connection.app.state.settings.trusted_proxies
    address = _parsed(connection.client.host) if connection.client else None
    hops = ",".join(connection.headers.getall("x-forwarded-for", [])).split(",")
    for hop in reversed([hop.strip() for hop in hops]):
        if address is None or not hop or not any(address in network for network in trusted):
            break
        address = _parsed(hop)
    return _site(address)


def site_of(text: str) -> str:
    """The name under which connections of an address are counted; IPv6 is cut to its /64."""
    return _site(_parsed(text))


def is_within(text: str, networks: Collection[Network]) -> bool:
    """Whether an address belongs to some networks."""
    address = _parsed(text)
    return address is not None and any(address in network for network in networks)


def _parsed(text: str) -> Address | None:
    """An address as proxies write it: with a port, in brackets, quoted, with a zone, IPv4 inside IPv6."""
    bare = text.strip().strip('"')
    if bare.startswith("["):
        bare = bare[1:].partition("]")[0]
    elif bare.count(":") == 1:
        bare = bare.partition(":")[0]
    with suppress(ValueError):
        found = ip_address(bare.partition("%")[0])
        return _ipv4_within(found) or found if isinstance(found, IPv6Address) else found
    return None


def _ipv4_within(address: IPv6Address) -> IPv4Address | None:
    """The address of a caller by IPv4 whom the network shows as one of IPv6."""
    return IPv4Address(int(address) & 0xFFFF_FFFF) if address in _TRANSLATED else address.ipv4_mapped


def _site(address: Address | None) -> str:
    if address is None:
        return UNKNOWN
    if isinstance(address, IPv4Address):
        return str(address)
    return str(IPv6Network((address, _IPV6_SITE_BITS), strict=False))
