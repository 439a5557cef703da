"""State of a device's link to the cloud, for the status line. Plain values."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
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

    def as_last_known(self) -> LinkState:
        """The same for a program that has not met the cloud yet: when it was last met, and its clock."""
        if self.last_contact is None:
            return LinkState()
        return LinkState(Cloud.OFFLINE, "", self.last_contact, self.skew_ms)


class LinkReport:
    """Keeps the link's state from the troubles of the loops: of several it shows the worst.

    Args:
        on_change: called with the state when its kind or its sentence has changed, or when it is told to.
    """

    def __init__(self, on_change: Callable[[LinkState], None]) -> None:
        self.state = LinkState()
        self._on_change = on_change
        self._troubles: dict[str, Trouble] = {}

    def has(self, name: str) -> bool:
        """Whether a loop, or a part of it, has trouble."""
        return name in self._troubles

    def tell(self, name: str, trouble: Trouble | None) -> None:
        """Set the trouble of a loop, or of a part of it. None ends it."""
        if trouble is not None:
            self._troubles[name] = trouble
        elif self._troubles.pop(name, None) is None:
            return
        self.show(self.state.last_contact)

    def show(self, contact: datetime | None, skew_ms: int | None = None, *, tell: bool = False) -> None:
        """Update the state from the worst trouble. Calls `on_change` if it changed, or always with `tell`."""
        before = self.state
        worst = worst_of(self._troubles.values())
        cloud = Cloud.NEVER if contact is None and worst.cloud is not Cloud.REFUSED else worst.cloud
        skew_ms = before.skew_ms if skew_ms is None else skew_ms
        self.state = LinkState(cloud, worst.code, contact, skew_ms, worst.params)
        if tell or (cloud, worst.code) != (before.cloud, before.message):
            self._on_change(self.state)

    def continue_from(self, link: LinkState) -> None:
        """Begin with what the program before this one knew: when the cloud was last met, and its clock."""
        self.state = link.as_last_known()
