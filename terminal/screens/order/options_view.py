"""The options of a dish while somebody chooses: pure. Questions left, answers right, and which question is next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from shared.menu.rules import MenuItem, MenuModifierGroup, ModifierChoice, default_modifiers
from terminal.screens.voice import Voice, extra_kind
from terminal.widgets.tile import Tile

HINTS = "123456789abcdefghijklmnopqrstuvwxyz"
"""Keys of the answers, in their order."""


@dataclass(frozen=True, slots=True)
class Choosing:
    """An item, its answers so far, and the question on view."""

    item: MenuItem
    chosen: frozenset[UUID]
    at: int = 0

    @classmethod
    def begin(cls, item: MenuItem, chosen: Sequence[UUID] | None = None) -> Choosing:
        """Start with the usual answers, or those of a line, at the first question that still needs one."""
        known = {option.id for question in item.modifier_groups for option in question.choices}
        given = default_modifiers(item) if chosen is None else tuple(each for each in chosen if each in known)
        state = cls(item, frozenset(given))
        missing = state.missing()
        return replace(state, at=0 if missing is None else missing)

    @property
    def question(self) -> MenuModifierGroup:
        """The question on view."""
        return self.item.modifier_groups[self.at]

    def answers(self, question: MenuModifierGroup) -> tuple[ModifierChoice, ...]:
        """What was answered to a question."""
        return tuple(option for option in question.choices if option.id in self.chosen)

    def missing(self) -> int | None:
        """The first question that has too few answers; None if all have enough."""
        questions = enumerate(self.item.modifier_groups)
        return next((at for at, question in questions if len(self.answers(question)) < question.minimum), None)

    def ids(self) -> tuple[UUID, ...]:
        """All answers in menu order."""
        return tuple(option.id for question in self.item.modifier_groups for option in self.answers(question))

    def turned(self, by: int) -> Choosing:
        """Another question on view, round the end."""
        return replace(self, at=(self.at + by) % len(self.item.modifier_groups))

    def with_answer(self, option_id: UUID) -> Choosing:
        """Choose an answer or take it back; a question with one answer changes to the other.

        An answer too many is not taken: the value stays as it is.
        """
        question = self.question
        others = {option.id for option in self.answers(question)} - {option_id}
        if option_id in self.chosen:
            alone = question.minimum == 1 == question.maximum
            return self if alone else replace(self, chosen=self.chosen - {option_id})
        if question.maximum == 1:
            return replace(self, chosen=self.chosen - others | {option_id})
        if len(others) >= question.maximum:
            return self
        return replace(self, chosen=self.chosen | {option_id})

    def moves_on(self) -> bool:
        """Whether the question on view is answered for good once it has one answer."""
        return self.question.maximum == 1


def question_tiles(state: Choosing, voice: Voice) -> tuple[Tile, ...]:
    """The questions with what was answered; what is still needed says so."""
    return tuple(
        Tile(
            id=question.id,
            title=question.name,
            hint=", ".join(option.name for option in state.answers(question)) or _asked(question, voice),
            selected=at == state.at,
            hue=at,
        )
        for at, question in enumerate(state.item.modifier_groups)
    )


def answer_tiles(state: Choosing, voice: Voice) -> tuple[Tile, ...]:
    """The answers of the question on view."""
    return tuple(
        Tile(
            id=option.id,
            title=f"{extra_kind(option.name).glyph} {option.name}",
            detail=voice.money(option.price_delta_minor) if option.price_delta_minor else "",
            hint=hint,
            selected=option.id in state.chosen,
            hue=state.at,
        )
        for hint, option in zip(_hints(len(state.question.choices)), state.question.choices, strict=True)
    )


def _hints(count: int) -> list[str]:
    """A key for each answer; those behind the last key have none, and are chosen by arrows or a finger."""
    return [*HINTS[:count], *[""] * (count - len(HINTS))]


def option_by_hint(state: Choosing, hint: str) -> UUID | None:
    """The answer behind a key."""
    at = HINTS.find(hint.casefold()) if len(hint) == 1 else -1
    return state.question.choices[at].id if 0 <= at < len(state.question.choices) else None


def heading(state: Choosing, voice: Voice) -> str:
    """The question on view, and how many answers it takes."""
    return f"{state.question.name} · {_asked(state.question, voice)}"


def _asked(question: MenuModifierGroup, voice: Voice) -> str:
    low, high = question.minimum, question.maximum
    if low == high:
        return voice.texts("options.exactly", count=low)
    if low == 0:
        return voice.texts("options.at_most", count=high)
    return voice.texts("options.between", least=low, most=high)
