"""The options of a dish while somebody chooses: pure. Questions left, answers right, and which question is next.

1 … 9          choose the answer with this number, or take it back; the last one that is required closes the dialog
ceb, Enter     letters leave the answers that are called so, of another question if need be; Enter chooses the only one
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import Enum, auto
from uuid import UUID

from shared.menu.rules import MenuItem, MenuModifierGroup, ModifierChoice, default_modifiers
from shared.menu.search import Fit, Name, Typed
from terminal.screens.voice import Voice, extra_kind
from terminal.widgets.tile import Tile

HINTS = "123456789"
"""Keys of the answers on view, in their order; letters filter them."""


class Step(Enum):
    """What an answer leads to."""

    STAYS = auto()
    REFUSED = auto()
    """One too many."""
    DONE = auto()


@dataclass(frozen=True, slots=True)
class Choosing:
    """An item, its answers so far, and the question on view.

    Attributes:
        asks: whether something was missing at the start: then the last answer that is required ends it.
        typed: letters that filter the answers.
    """

    item: MenuItem
    chosen: frozenset[UUID]
    at: int = 0
    asks: bool = False
    typed: str = ""

    @classmethod
    def begin(cls, item: MenuItem, chosen: Sequence[UUID] | None = None) -> Choosing:
        """Start with the usual answers, or those of a line, at the first question that still needs one."""
        known = {option.id for question in item.modifier_groups for option in question.choices}
        given = default_modifiers(item) if chosen is None else tuple(each for each in chosen if each in known)
        state = cls(item, frozenset(given))
        missing = state.missing()
        return state if missing is None else replace(state, at=missing, asks=True)

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
        return replace(self, at=(self.at + by) % len(self.item.modifier_groups), typed="")

    def typing(self, text: str) -> Choosing:
        """Filter the answers by letters, those of the first question that has such a one if this one has none."""
        turned = (replace(self.turned(by), typed=text) for by in range(len(self.item.modifier_groups)))
        return next((state for state in turned if state.shown()), replace(self, typed=text))

    def shown(self) -> tuple[ModifierChoice, ...]:
        """The answers on view: those with a word that begins as typed, else those with the letters anywhere."""
        begin = [choice for choice, fit in self._fits() if fit < Fit.INSIDE]
        return tuple(begin or (choice for choice, _ in self._fits()))

    def sure(self) -> UUID | None:
        """The answer that the letters mean; None if it may be several."""
        fits = [fit for _, fit in self._fits()]
        best = [choice.id for choice, fit in self._fits() if fit == min(fits)]
        return best[0] if self.typed and len(best) == 1 else None

    def _fits(self) -> list[tuple[ModifierChoice, Fit]]:
        typed = Typed(self.typed)
        if not typed:
            return [(choice, Fit.WORDS) for choice in self.question.choices]
        found = ((choice, Name(choice.name).fit(typed)) for choice in self.question.choices)
        return [(choice, fit) for choice, fit in found if fit is not None]

    def answered(self, option_id: UUID) -> tuple[Choosing, Step]:
        """Choose an answer or take it back, and go on to the next question once this one is answered for good."""
        after = replace(self.with_answer(option_id), typed="")
        if option_id not in self.chosen and option_id not in after.chosen:
            return after, Step.REFUSED
        if self.asks:
            missing = after.missing()
            if len(after.answers(after.question)) < after.question.maximum:
                return after, Step.STAYS
            return (after, Step.DONE) if missing is None else (replace(after, at=missing), Step.STAYS)
        if self.question.maximum > 1:
            return after, Step.STAYS
        last = after.at + 1 == len(after.item.modifier_groups)
        return (after, Step.DONE) if last else (after.turned(1), Step.STAYS)

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
    """The answers on view. One of several that add to a dish has a sign; what is chosen instead of another has none."""
    shown, is_choice = state.shown(), state.question.maximum == 1
    return tuple(
        Tile(
            id=option.id,
            title=option.name if is_choice else f"{extra_kind(option.name).glyph} {option.name}",
            detail=voice.money(option.price_delta_minor) if option.price_delta_minor else "",
            hint=hint,
            selected=option.id in state.chosen,
            hue=state.at,
        )
        for hint, option in zip(_hints(len(shown)), shown, strict=True)
    )


def _hints(count: int) -> list[str]:
    """A key for each answer; those behind the last key have none, and are chosen by letters, arrows or a finger."""
    return [*HINTS[:count], *[""] * (count - len(HINTS))]


def option_by_hint(state: Choosing, hint: str) -> UUID | None:
    """The answer behind a key."""
    at, shown = HINTS.find(hint) if len(hint) == 1 else -1, state.shown()
    return shown[at].id if 0 <= at < len(shown) else None


def heading(state: Choosing, voice: Voice) -> str:
    """The question on view, and how many answers it takes, or what the typed letters find."""
    if not state.typed:
        return f"{state.question.name} · {_asked(state.question, voice)}"
    if not state.shown():
        return voice.texts("options.not_found", text=state.typed)
    return f"{state.question.name} · «{state.typed}»"


def _asked(question: MenuModifierGroup, voice: Voice) -> str:
    low, high = question.minimum, question.maximum
    if low == high:
        return voice.texts("options.exactly", count=low)
    if low == 0:
        return voice.texts("options.at_most", count=high)
    return voice.texts("options.between", least=low, most=high)
