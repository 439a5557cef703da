"""Names of the house in the language of the person; rows and papers keep those of the house."""

from __future__ import annotations

from dataclasses import replace

import pytest

from shared.kernel.language import Language
from shared.tenancy.queries import ReasonView
from terminal.screens.rights import title_of_reason
from tests.terminal.screens.paper_desk import PaperDesk
from tests.terminal.screens.paper_menu import METHODS
from tests.terminal.screens.till import driven


class BilingualDesk(PaperDesk):
    """A house whose names are in two languages, as the desk hands them to screens."""

    def reasons(self, kind):
        names = {"Plato mal hecho": {"en": "Badly made"}}
        return tuple(
            replace(each, names=names.get(each.text, {}), language=self.language) for each in super().reasons(kind)
        )


def bilingual() -> BilingualDesk:
    cash, *others = METHODS
    return BilingualDesk(
        language=Language.ENGLISH, methods=(replace(cash, names={"en": "Cash"}, language="en"), *others)
    )


async def test_methods_are_called_as_the_person_speaks_and_kept_as_the_house_does() -> None:
    desk = bilingual()
    async with driven(desk, script="1234\n7\nlom\n<f9>") as till:
        shown = await till.grid()
        assert "GIVEN · Cash" in shown
        assert "Efectivo" not in shown
        check_id = next(iter(desk.orders.values())).check_id
        await till.type("10\n")
        assert [each.method_name for each in desk.noted[check_id]] == ["Efectivo"]
        assert "Paid: Cash S/ 10.00" in await till.grid()
        await till.press("f6")
        assert "Payment by Cash of S/ 10.00" in await till.grid()
        assert "Efectivo" not in await till.grid()


async def test_reasons_are_shown_as_the_person_speaks_and_kept_as_the_house_does() -> None:
    desk = bilingual()
    async with driven(desk, script="3333\n7\nlom\n<f5><ctrl+k>") as till:
        await till.press("f6")
        if "why" not in (await till.grid()).lower():
            await till.press("2")
        assert "Badly made" in await till.grid()
        await till.type("badly\n")
        ((_dish, _milli, reason, _made),) = desk.corrections.voids
        assert reason == "Plato mal hecho"


@pytest.mark.parametrize(
    ("language", "said"), [("en", "Badly made"), ("es", "Plato mal hecho"), ("", "Plato mal hecho")]
)
def test_without_a_name_in_a_language_that_of_the_house_is_shown(language: str, said: str) -> None:
    assert ReasonView("Plato mal hecho", {"en": "Badly made"}, language).title == said


def test_who_is_asked_to_approve_reads_a_reason_in_the_language_of_the_screen() -> None:
    desk = bilingual()
    assert title_of_reason(desk, "Plato mal hecho") == "Badly made"
    assert title_of_reason(desk, "Se cayó al suelo") == "Se cayó al suelo", "what somebody wrote stays as it is"
