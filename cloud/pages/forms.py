"""Forms of pages: fields that keep what was typed, with what is wrong beside each. `pages/parts.html` draws them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from shared.kernel.errors import DomainError
from shared.kernel.language import Texts

NOTHING_TYPED: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a form.

    Attributes:
        name: of the value that is sent; also its id.
        kind: a type of `<input>`, or `select`, `pick` (typed, with suggestions: for more than fit into a list), `lines`
            (several lines of text), `check`.
        choices: of a `select` or `pick`: value and words.
        most: the longest text, in characters; 0: any.
        error: what is wrong with the value; empty if nothing is.
    """

    name: str
    label: str
    kind: str = "text"
    value: str = ""
    hint: str = ""
    choices: Sequence[tuple[str, str]] = ()
    required: bool = True
    most: int = 0
    rows: int = 3
    autocomplete: str = "off"
    error: str = ""


@dataclass(frozen=True, slots=True)
class Form:
    """A form and its button.

    Attributes:
        action: where it is sent.
        hidden: values that the reader does not change.
        sentence: what is wrong with the whole.
        is_risky: what it does cannot be taken back.
        cancel_href: the way back; empty: none is shown.
    """

    action: str
    submit: str
    fields: Sequence[Field] = ()
    hidden: Sequence[tuple[str, str]] = ()
    sentence: str = ""
    is_risky: bool = False
    cancel_href: str = ""

    @property
    def field_errors(self) -> list[Field]:
        """The fields that are wrong."""
        return [field for field in self.fields if field.error]

    @property
    def errors(self) -> list[str]:
        """All that is wrong."""
        return [*([self.sentence] if self.sentence else []), *(field.error for field in self.field_errors)]

    def answered(self, typed: Mapping[str, str], errors: Mapping[str, str], sentence: str = "") -> Form:
        """The same form with what was typed, and what is wrong with it.

        Args:
            errors: the sentence for each field by its name; that of a field which is not shown stands over the form.
        """
        shown = {field.name for field in self.fields}
        over = [sentence] if sentence else [error for name, error in errors.items() if name not in shown]
        fields = [
            replace(field, value=typed.get(field.name, field.value), error=errors.get(field.name, ""))
            for field in self.fields
        ]
        return replace(self, fields=fields, sentence=" ".join(over))

    def refused(
        self, t: Texts, problem: DomainError | None, typed: Mapping[str, str] = NOTHING_TYPED, field: str = ""
    ) -> Form:
        """The same form with why it was refused; as it is, where nothing is wrong.

        Args:
            field: beside which the sentence stands; empty: over the form.
        """
        if problem is None:
            return self
        sentence = t(problem.code, **problem.params)
        return self.answered(typed, {field: sentence}) if field else self.answered(typed, {}, sentence)
