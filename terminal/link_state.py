"""State of a device's link to the cloud, for the status line. Plain values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

AWAY = frozenset({"CLOUD_UNREACHABLE", "CLOUD_SLOW"})
"""Codes that mean only that the cloud is away. Nobody need act; the status line shows the last contact."""


class Cloud(StrEnum):
    """State of the link."""

    NEVER = "never"
    ONLINE = "online"
    OFFLINE = "offline"
    REFUSED = "refused"


_WORSE = (Cloud.NEVER, Cloud.ONLINE, Cloud.OFFLINE, Cloud.REFUSED)


@dataclass(frozen=True, slots=True)
class Trouble:
    """Trouble of a loop's last round. Code and params as in `LinkState`."""

    cloud: Cloud
    code: str = ""
    params: Mapping[str, Any] = field(default_factory=dict)


def worst_of(troubles: Iterable[Trouble]) -> Trouble:
    """The worst state of these, with the most important sentence. Online without a sentence if there is none."""
    known = list(troubles)
    cloud = max((trouble.cloud for trouble in known), key=_WORSE.index, default=Cloud.ONLINE)
    worst = max(known, key=_weight, default=Trouble(cloud))
    return Trouble(cloud, worst.code, worst.params)


def _weight(trouble: Trouble) -> tuple[bool, bool, bool]:
    return trouble.cloud is Cloud.REFUSED, trouble.code not in AWAY, trouble.cloud is Cloud.OFFLINE


@dataclass(frozen=True, slots=True)
class LinkState:
    """The link as the agent sees it.

    Attributes:
        message: code of a sentence in `terminal/texts` on what is wrong and what to do; empty if nothing is wrong.
        params: of that sentence.
        skew_ms: the cloud's clock minus ours, at the last handshake.
    """

    cloud: Cloud = Cloud.NEVER
    message: str = ""
    last_contact: datetime | None = None
    skew_ms: int = 0
    params: Mapping[str, Any] = field(default_factory=dict)
