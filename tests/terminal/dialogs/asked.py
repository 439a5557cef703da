"""A till on which a test asks something, and what came back."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from terminal.dialogs.questions import Question
from tests.terminal.screens.paper_desk import busy_desk
from tests.terminal.screens.till import DrivenTill, driven


@dataclass
class Asked:
    """What came back, and what the next answers are refused with."""

    till: DrivenTill
    answers: list[object] = field(default_factory=list)
    refusals: list[Exception] = field(default_factory=list)

    async def ask(self, question: Question) -> None:
        self.ask_ahead(question)
        await self.till.settled()

    def ask_ahead(self, question: Question) -> None:
        async def act() -> bool:
            await self.till.app.ask(question, self._taken)
            return False

        self.till.app.presses.take("ask", act)

    async def _taken(self, answer: object) -> None:
        if self.refusals:
            raise self.refusals.pop(0)
        self.answers.append(answer)


@asynccontextmanager
async def asked(question: Question | None = None, **more: object) -> AsyncIterator[Asked]:
    """A till at table 7, where this is asked."""
    async with driven(busy_desk(), script="1234\n7\n", **more) as till:
        it = Asked(till)
        if question is not None:
            await it.ask(question)
        yield it
