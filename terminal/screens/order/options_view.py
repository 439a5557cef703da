"""The options of a dish while somebody chooses: pure. Groups left, modifiers right, and which group is next.

1 … 9          choose the modifier with this number, or take it back; the last one that is required closes the dialog
+, -           once more of the modifier under the cursor, else of the last one that was chosen; once less
ceb, Enter     letters leave the modifiers that are called so, of another group if need be; Enter chooses the only one

A modifier may open a group of its own, which comes right after its own group and goes with it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import Enum, auto
from uuid import UUID

from shared.books.views import LineView
from shared.kernel.ids import derived_id
from shared.menu.rules import (
    MenuItem,
    MenuModifierGroup,
    ModifierChoice,
    asked_groups,
    default_modifiers,
    in_menu_order,
)
from shared.menu.search import Fit, Name, Typed
from terminal.screens.voice import Voice, extra_kind, times_text
from terminal.widgets.extra import ExtraKind
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
        chosen: modifiers in menu order, each as often as it was chosen.
        asks: whether something was missing at the start: then the last answer that is required ends it.
        typed: letters that filter the answers.
        last: the modifier that was chosen last, which plus and minus mean.
    """

    item: MenuItem
    chosen: tuple[UUID, ...]
    at: int = 0
    asks: bool = False
    typed: str = ""
    last: UUID | None = None

    @classmethod
    def begin(cls, item: MenuItem, chosen: Sequence[UUID] | None = None) -> Choosing:
        """Start with the usual answers, or those of a line, at the first question that still needs one."""
        given = default_modifiers(item) if chosen is None else chosen
        state = cls(item, _ordered(item, given))
        missing = state.missing()
        return state if missing is None else replace(state, at=missing, asks=True)

    @property
    def groups(self) -> tuple[MenuModifierGroup, ...]:
        """The questions, those among them that answers open."""
        return asked_groups(self.item, self.chosen)

    @property
    def question(self) -> MenuModifierGroup:
        """The question on view."""
        return self.groups[self.at]

    def count(self, option_id: UUID) -> int:
        """How often a modifier is chosen."""
        return self.chosen.count(option_id)

    def answered_times(self, question: MenuModifierGroup) -> int:
        """How many answers a question has, each as often as it was given."""
        return sum(self.count(option.id) for option in question.choices)

    def answers(self, question: MenuModifierGroup) -> tuple[ModifierChoice, ...]:
        """What was answered to a question."""
        return tuple(option for option in question.choices if option.id in self.chosen)

    def missing(self) -> int | None:
        """The first question that has too few answers; None if all have enough."""
        questions = enumerate(self.groups)
        return next((at for at, question in questions if self.answered_times(question) < question.minimum), None)

    def ids(self) -> tuple[UUID, ...]:
        """All answers in menu order, each as often as it was given."""
        return self.chosen

    def turned(self, by: int) -> Choosing:
        """Another question on view, round the end."""
        return replace(self, at=(self.at + by) % len(self.groups), typed="", last=None)

    def typing(self, text: str) -> Choosing:
        """Filter the answers by letters, those of the first question that has such a one if this one has none."""
        turned = (replace(self.turned(by), typed=text) for by in range(len(self.groups)))
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
        after = self.with_answer(option_id)
        if option_id not in self.chosen and option_id not in after.chosen:
            return replace(after, typed=""), Step.REFUSED
        return self._went_on(replace(after, last=option_id))

    def once_more(self, option_id: UUID) -> tuple[Choosing, Step]:
        """Choose a modifier once more, as far as its group allows. What is left out is left out once."""
        option = next((each for each in self.question.choices if each.id == option_id), None)
        full = self.answered_times(self.question) >= self.question.maximum
        if option is None or full or (extra_kind(option.name) is ExtraKind.WITHOUT and option_id in self.chosen):
            return self, Step.REFUSED
        return self._went_on(replace(self._holding((*self.chosen, option_id)), last=option_id))

    def once_less(self, option_id: UUID) -> tuple[Choosing, Step]:
        """Choose a modifier once less."""
        if option_id not in self.chosen:
            return self, Step.REFUSED
        chosen = list(self.chosen)
        chosen.remove(option_id)
        return replace(self._holding(chosen), last=option_id), Step.STAYS

    def _went_on(self, after: Choosing) -> tuple[Choosing, Step]:
        """Where an answer leads: into the group that it opens, else to the next question, or to the end."""
        after = replace(after, typed="")
        before = {group.id for group in self.groups}
        opened = next((at for at, group in enumerate(after.groups) if group.id not in before), None)
        full = after.answered_times(after.question) >= after.question.maximum
        if opened is not None and full:
            return after.turned(opened - after.at), Step.STAYS
        if self.asks:
            missing = after.missing()
            if not full:
                return after, Step.STAYS
            return (after, Step.DONE) if missing is None else (after.turned(missing - after.at), Step.STAYS)
        if self.question.maximum > 1:
            return after, Step.STAYS
        last = after.at + 1 == len(after.groups)
        return (after, Step.DONE) if last else (after.turned(1), Step.STAYS)

    def with_answer(self, option_id: UUID) -> Choosing:
        """Choose an answer or take it back; a question with one answer changes to the other.

        An answer too many is not taken: the value stays as it is.
        """
        question = self.question
        others = {option.id for option in self.answers(question)} - {option_id}
        if option_id in self.chosen:
            alone = question.minimum == 1 == question.maximum
            return self if alone else self._holding([each for each in self.chosen if each != option_id])
        if question.maximum == 1:
            return self._holding([*(each for each in self.chosen if each not in others), option_id])
        if self.answered_times(question) >= question.maximum:
            return self
        return self._holding([*self.chosen, option_id])

    def _holding(self, chosen: Sequence[UUID]) -> Choosing:
        """With these modifiers; what they newly open has its usual answers, what they no longer open has none."""
        held = _ordered(self.item, chosen)
        before = {group.id for group in self.groups}
        for group in asked_groups(self.item, held):
            if group.id not in before:
                held = _ordered(self.item, (*held, *(option.id for option in group.choices if option.default)))
        return replace(self, chosen=held)


def with_gone(item: MenuItem, line: LineView, name: str) -> MenuItem:
    """An item with a last group of the modifiers that a line has and the menu has no more.

    Args:
        name: of that group.
    """
    known = {option.id for group in item.modifier_groups + item.opened_groups for option in group.choices}
    priced = dict(zip(line.modifier_ids, line.modifiers, strict=False))
    gone = tuple(
        ModifierChoice(option_id, *priced[option_id], default=False)
        for option_id in dict.fromkeys(line.modifier_ids)
        if option_id not in known
    )
    if not gone:
        return item
    count = sum(line.modifier_ids.count(option.id) for option in gone)
    group = MenuModifierGroup(derived_id("gone", item.id), name, 0, count, gone)
    return replace(item, modifier_groups=(*item.modifier_groups, group))


def _ordered(item: MenuItem, chosen: Sequence[UUID]) -> tuple[UUID, ...]:
    return tuple(option.id for option in in_menu_order(item, chosen))


def question_tiles(state: Choosing, voice: Voice) -> tuple[Tile, ...]:
    """The questions with what was answered; what is still needed says so. Those that an answer opened are set in."""
    own = {question.id for question in state.item.modifier_groups}
    return tuple(
        Tile(
            id=question.id,
            title=question.name if question.id in own else f"· {question.name}",
            hint=_answers_text(state, question) or _asked(question, voice),
            selected=at == state.at,
            hue=at,
        )
        for at, question in enumerate(state.groups)
    )


def _answers_text(state: Choosing, question: MenuModifierGroup) -> str:
    return ", ".join(times_text(option.name, state.count(option.id)) for option in state.answers(question))


def answer_tiles(state: Choosing, voice: Voice) -> tuple[Tile, ...]:
    """The answers on view. A sign stands before what costs more and before what leaves something out."""
    shown = state.shown()
    return tuple(
        Tile(
            id=option.id,
            title=_answer_title(option),
            detail=voice.money(option.price_delta_minor) if option.price_delta_minor else "",
            hint=hint,
            badge=f"×{state.count(option.id)}" if state.count(option.id) > 1 else "",
            selected=option.id in state.chosen,
            hue=state.at,
        )
        for hint, option in zip(_hints(len(shown)), shown, strict=True)
    )


def _answer_title(option: ModifierChoice) -> str:
    kind = extra_kind(option.name)
    bare = kind is ExtraKind.WITH and option.price_delta_minor <= 0
    return option.name if bare else f"{kind.glyph} {option.name}"


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
        return voice.texts("options.exactly_one" if low == 1 else "options.exactly", count=low)
    if low == 0:
        return voice.texts("options.at_most", count=high)
    return voice.texts("options.between", least=low, most=high)
