"""Fields while somebody fills them in, as values: what may be typed, and what is wrong with it. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from shared.kernel.errors import DomainError
from shared.kernel.text import clean
from terminal.dialogs.questions import Field, FieldKind, Form

_SIGNS = {
    FieldKind.PIN: "",
    FieldKind.PHONE: "+-() ",
    FieldKind.NUMBER: ".,-",
    FieldKind.FIGURE: ".,-",
    FieldKind.MONEY: ".,",
    FieldKind.TIME: ":.+apmAPM",
}
"""What may be typed besides digits; a number is refused as a whole: `2.5` must not become 25."""
_LEAST_PHONE_DIGITS = 5
_TIME = re.compile(r"([01]?\d|2[0-3])(?:[:.]?([0-5]\d))?(?:([ap])\.?m?\.?)?", re.ASCII | re.IGNORECASE)
"""`1930`, `19:30`, `7.30pm`."""
NOON = 12
_MONEY = re.compile(r"\d{1,9}([.,]\d{0,3})?", re.ASCII)
_IN_MINUTES = re.compile(r"\+(\d{1,3})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Filling:
    """A form in the making.

    Attributes:
        texts: what stands in the fields, by id.
        at: the field that is typed into.
    """

    form: Form
    texts: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    at: int = 0

    @classmethod
    def begin(cls, form: Form) -> Filling:
        """As the form comes, at the first field that is empty."""
        empty = (at for at, each in enumerate(form.fields) if not each.value)
        return cls(form, {each.id: each.value for each in form.fields}, next(empty, 0))

    @property
    def field(self) -> Field:
        """The field that is typed into."""
        return self.form.fields[self.at]

    @property
    def text(self) -> str:
        """What stands in it."""
        return self.texts[self.field.id]

    @property
    def is_last(self) -> bool:
        """Whether it is the last one."""
        return self.at + 1 == len(self.form.fields)

    @property
    def is_changed(self) -> bool:
        """Whether anything was typed."""
        return any(self.texts[each.id] != each.value for each in self.form.fields)

    def takes(self, sign: str) -> bool:
        """Whether a sign may be typed into this field."""
        signs = _SIGNS.get(self.field.kind)
        return signs is None or sign in signs

    def refuses(self, sign: str) -> bool:
        """Whether this field takes no such sign, however short its text is."""
        signs = _SIGNS.get(self.field.kind)
        return signs is not None and not _is_digit(sign) and sign not in signs

    def with_text(self, text: str) -> Filling:
        """Another text in this field: what its kind does not take is left out, and what is too long."""
        signs = _SIGNS.get(self.field.kind)
        kept = text if signs is None else "".join(sign for sign in text if _is_digit(sign) or sign in signs)
        return replace(self, texts={**self.texts, self.field.id: kept[: self.field.most]})

    def inserted(self, text: str) -> tuple[Filling, bool]:
        """With text that no person typed, and whether all of it fits."""
        added = clean(text, self.field.most + 1)
        after = self.with_text(self.text + added)
        return after, len(self.text + added) <= self.field.most

    def proposed(self, known: Mapping[str, str]) -> Filling:
        """With what is known in the fields that are empty; then at the first that is still empty, else where it was."""
        new = {key: text for key, text in known.items() if text and not self.texts.get(key, text).strip()}
        if not new:
            return self
        texts = {**self.texts, **new}
        empty = (at for at, each in enumerate(self.form.fields) if at > self.at and not texts[each.id])
        return replace(self, texts=texts, at=next(empty, len(self.form.fields) - 1))

    def turned(self, at: int) -> Filling:
        """Another field, round the end."""
        return replace(self, at=at % len(self.form.fields))

    def trouble(self) -> tuple[int, DomainError] | None:
        """The first field that cannot stay so, and why."""
        for at, each in enumerate(self.form.fields):
            text = self.texts[each.id].strip()
            if each.needed and not text:
                return at, DomainError("form.needed", label=each.label)
            if text and not _fits(each.kind, text):
                return at, DomainError(f"form.no_{each.kind}", label=each.label, text=text)
        return None

    def answer(self) -> Mapping[str, str]:
        """The texts, with times as clocks show them."""
        return {each.id: _normal(each.kind, self.texts[each.id].strip()) for each in self.form.fields}


def _is_digit(sign: str) -> bool:
    return sign.isascii() and sign.isdigit()


def _fits(kind: FieldKind, text: str) -> bool:
    if kind is FieldKind.PHONE:
        return sum(map(_is_digit, text)) >= _LEAST_PHONE_DIGITS
    if kind is FieldKind.TIME:
        return _clock(text) is not None or bool(_IN_MINUTES.fullmatch(text))
    if kind is FieldKind.NUMBER:
        return all(map(_is_digit, text))
    if kind is FieldKind.MONEY:
        return bool(_MONEY.fullmatch(text))
    return True


def _normal(kind: FieldKind, text: str) -> str:
    return (_clock(text) if kind is FieldKind.TIME else None) or text


def clock_text(typed: str) -> str:
    """A typed time as a clock of 24 hours shows it; as it is while it is none."""
    return _clock(typed.strip()) or typed


def _clock(text: str) -> str | None:
    """A time as a clock of 24 hours shows it; None if it is none."""
    found = _TIME.fullmatch(text)
    if found is None:
        return None
    hour, half = int(found[1]), (found[3] or "").lower()
    if half and not 1 <= hour <= NOON:
        return None
    if half:
        hour = hour % NOON + (NOON if half == "p" else 0)
    return f"{hour:02d}:{found[2] or '00'}"
