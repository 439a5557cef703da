"""What a device knows of its link to the cloud, for the status line. Plain values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

AWAY = frozenset({"CLOUD_UNREACHABLE", "CLOUD_SLOW"})
"""Codes that say only that there is no cloud just now: nobody need do anything, and its age says it better."""


class Cloud(StrEnum):
    """How the cloud is reached just now."""

    NEVER = "never"
    ONLINE = "online"
    OFFLINE = "offline"
    REFUSED = "refused"


_WORSE = (Cloud.NEVER, Cloud.ONLINE, Cloud.OFFLINE, Cloud.REFUSED)


@dataclass(frozen=True, slots=True)
class Trouble:
    """What went wrong in a loop's last turn; code and params as in `LinkState`."""

    cloud: Cloud
    code: str = ""
    params: Mapping[str, Any] = field(default_factory=dict)


def worst_of(troubles: Iterable[Trouble]) -> Trouble:
    """How the cloud is reached at worst, with the sentence that matters most; online without one if all is well."""
    known = list(troubles)
    cloud = max((trouble.cloud for trouble in known), key=_WORSE.index, default=Cloud.ONLINE)
    said = max(known, key=_weight, default=Trouble(cloud))
    return Trouble(cloud, said.code, said.params)


def _weight(trouble: Trouble) -> tuple[bool, bool, bool]:
    return trouble.cloud is Cloud.REFUSED, trouble.code not in AWAY, trouble.cloud is Cloud.OFFLINE


@dataclass(frozen=True, slots=True)
class LinkState:
    """The link as the agent sees it.

    Attributes:
        message: code of a sentence in `terminal/texts` that says what is wrong and what to do; empty if all is well.
        params: of that sentence.
        skew_ms: the cloud's clock minus ours, as the last handshake told.
    """

    cloud: Cloud = Cloud.NEVER
    message: str = ""
    last_contact: datetime | None = None
    skew_ms: int = 0
    params: Mapping[str, Any] = field(default_factory=dict)
