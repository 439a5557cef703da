"""Whom a request is counted for."""

from __future__ import annotations

from typing import Any

import pytest
from litestar.connection import ASGIConnection
from litestar.testing import RequestFactory

from cloud.edge.caller import caller_address
from cloud.settings import read_settings


def request(peer: str, forwarded: str, proxies: str) -> ASGIConnection[Any, Any, Any, Any]:
    """A request with a line of X-Forwarded-For for each line of the text."""
    made = RequestFactory().get("/")
    made.scope["headers"] += [(b"x-forwarded-for", line.encode()) for line in forwarded.splitlines()]
    made.scope["client"] = (peer, 1)
    made.app.state["settings"] = read_settings({"COMANDA_TRUSTED_PROXIES": proxies})
    return made


@pytest.mark.parametrize(
    ("peer", "forwarded", "proxies", "address"),
    [
        ("203.0.113.7", "", "", "203.0.113.7"),
        ("203.0.113.7", "198.51.100.1", "", "203.0.113.7"),
        ("10.0.0.2", "198.51.100.1", "10.0.0.0/8", "198.51.100.1"),
        ("10.0.0.2", "6.6.6.6, 198.51.100.1", "10.0.0.0/8", "198.51.100.1"),
        ("10.0.0.2", "198.51.100.1, 10.0.0.3", "10.0.0.0/8", "198.51.100.1"),
        ("10.0.0.2", "nonsense", "10.0.0.0/8", "unknown"),
        ("10.0.0.2", "6.6.6.6\n198.51.100.1", "10.0.0.0/8", "198.51.100.1"),
        ("10.0.0.2", "6.6.6.6, 7.7.7.7\n198.51.100.1, 10.0.0.3", "10.0.0.0/8", "198.51.100.1"),
        ("10.0.0.2", "198.51.100.1:52011", "10.0.0.0/8", "198.51.100.1"),
        ("10.0.0.2", "[2001:db8:1:2::9]:52011", "10.0.0.0/8", "2001:db8:1:2::/64"),
        ("10.0.0.2", "[2001:db8:1:2::9]", "10.0.0.0/8", "2001:db8:1:2::/64"),
        ("10.0.0.2", '"198.51.100.1"', "10.0.0.0/8", "198.51.100.1"),
        ("10.0.0.2", "fe80::1%eth0", "10.0.0.0/8", "fe80::/64"),
        ("::ffff:203.0.113.7", "", "", "203.0.113.7"),
        ("::ffff:10.0.0.2", "::ffff:198.51.100.1", "10.0.0.0/8", "198.51.100.1"),
        ("::ffff:10.0.0.2", "198.51.100.1, 10.0.0.3:99", "10.0.0.0/8", "198.51.100.1"),
        ("64:ff9b::203.0.113.7", "", "", "203.0.113.7"),
        ("64:ff9b::10.0.0.2", "64:ff9b::c633:6401", "10.0.0.0/8", "198.51.100.1"),
        ("10.0.0.2", "198.51.100.1,", "10.0.0.0/8", "10.0.0.2"),
        ("2001:db8:1:2:3::4", "", "", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:9::9", "", "", "2001:db8:1:2::/64"),
    ],
)
def test_only_proxies_we_know_can_speak_for_others(peer: str, forwarded: str, proxies: str, address: str) -> None:
    assert caller_address(request(peer, forwarded, proxies)) == address
