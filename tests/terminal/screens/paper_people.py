"""Who is at the desk on paper: log-in, language, approvals, and what each may."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta

from shared.kernel.errors import DomainError, NotPermitted
from shared.kernel.language import Language
from shared.kernel.permissions import Actor, Permission
from tests.terminal.screens.paper_house import PINS
from tests.terminal.screens.paper_menu import key


class PaperPeople:
    """What `PaperDesk` knows of people. It has the state."""

    async def log_in(self, pin: str) -> Actor:
        await self._turn("log_in")
        if pin == "0000":
            self.paused_until = self.time + timedelta(seconds=30)
        if self.pin_pause_seconds:
            raise DomainError("PIN_LOCKED", seconds=30, wait="30 s")
        if pin not in PINS:
            raise DomainError("PIN_WRONG", left=2)
        name, role = PINS[pin]
        self.actor = Actor.in_role(key(10, int(pin)), name, role)
        self._house_language = self.language
        self.language = self.chosen.get(self.actor.staff_id, self.language)
        return self.actor

    async def choose_language(self, language: Language) -> None:
        await self._turn("choose_language")
        self.chosen[self.actor.staff_id] = self.language = language

    @property
    def approvals(self) -> PaperPeople:
        return self

    async def approver(self, pin: str, acts: Sequence[tuple[str, int]]) -> Actor:
        await self._turn("approver")
        if self.pin_pause_seconds:
            raise DomainError("PIN_LOCKED", seconds=30, wait="30 s")
        if pin not in PINS:
            raise DomainError("PIN_WRONG", left=2)
        name, role = PINS[pin]
        person = Actor.in_role(key(10, int(pin)), name, role, self.limits)
        if self.actor is None or person.staff_id == self.actor.staff_id:
            raise DomainError("APPROVE_YOURSELF")
        for right, minor in acts:
            if not person.may(Permission(right)):
                raise DomainError("APPROVER_MAY_NOT", name=name, permission=self.texts(f"exceptions.right.{right}"))
            if not person.may(Permission(right), minor):
                raise DomainError("APPROVER_ABOVE_LIMIT", name=name, limit=self.money(person.limits[Permission(right)]))
        return person

    @contextmanager
    def approved_by(self, person: Actor, acts: Sequence[tuple[str, int]]) -> Iterator[None]:
        self._approving = person
        try:
            yield
        finally:
            self._approving = None

    @property
    def pin_pause_seconds(self) -> int:
        return max(0, -int((self.time - self.paused_until).total_seconds() // 1))

    @property
    def sells_at_counter(self) -> bool:
        return self.is_counter and self.actor is not None and self.actor.may(Permission.TAKE_ORDER)

    def log_out(self) -> None:
        self.actor = None
        self.language = self._house_language

    def require(self, permission: Permission, amount_minor: int = 0) -> None:
        """As a unit of work does."""
        if self.actor is not None and self.actor.may(permission, amount_minor):
            return
        if self._approving is None or not self._approving.may(permission, amount_minor):
            raise NotPermitted(permission, amount_minor)
        self.approved.append(f"{permission}: {self.actor.name if self.actor else ''}, {self._approving.name}")
