"""Looks of the dialogs that every screen asks with, and of what fingers use instead of keys."""

from __future__ import annotations

import pytest
from textual.pilot import Pilot

from shared.kernel.language import Language
from terminal.dialogs.questions import Amount, AmountKind, Choice, Field, FieldKind, Form, Given, Pick
from tests.terminal.screens.paper_desk import busy_desk
from tests.terminal.screens.till import PlayedApp

SIZES = ((80, 24), (120, 36), (200, 60))
TABLE = "3333\n7\n"
QUESTIONS = {
    "amount": Amount(
        "Descuento a la cuenta",
        (AmountKind.PERCENT, AmountKind.MONEY),
        "Total S/ 175.00",
        quick=(Given(AmountKind.PERCENT, 50_000), Given(AmountKind.PERCENT, 100_000)),
        comes_to=lambda given: f"Quedarían {1_000_000 - given.value} millonésimas",
    ),
    "form": Form(
        "Para llevar",
        (
            Field("name", "Nombre", needed=True),
            Field("phone", "Teléfono", FieldKind.PHONE),
            Field("time", "Hora prometida", FieldKind.TIME, hint="19:30 o +30"),
            Field("note", "Nota"),
        ),
        "Quién lo recoge",
    ),
    "pick": Pick(
        "Elegir", tuple(Choice(at, f"Fila {at}", "Ctrl D", "No" * (at % 2)) for at in range(9)), own_text="Otra"
    ),
}


class AskingApp(PlayedApp):
    """The app in which something is asked, once its script was played."""

    def __init__(self, name: str, typed: str) -> None:
        super().__init__(busy_desk(), script=TABLE)
        self._name, self._typed = name, typed

    def run_test(self, **options: object):  # type: ignore[no-untyped-def]
        return _Asked(self, super().run_test(**options))

    async def taken(self, answer: object) -> None:
        raise AssertionError(answer)


class _Asked:
    def __init__(self, app: AskingApp, running) -> None:  # type: ignore[no-untyped-def]
        self._app, self._running = app, running

    async def __aenter__(self) -> Pilot[None]:
        pilot = await self._running.__aenter__()
        await self._app.ask(QUESTIONS[self._app._name], self._app.taken)
        self._app.play(self._app._typed)
        await pilot.pause()
        await self._app.settled()
        await pilot.pause()
        return pilot

    async def __aexit__(self, *failed: object) -> None:
        await self._running.__aexit__(*failed)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(("name", "typed"), [("amount", "12.5"), ("form", "Rosa Quispe"), ("pick", "fi")])
async def test_a_dialog_looks_as_it_did(name, typed, size, look) -> None:
    await look(AskingApp(name, typed), size, f"dialog-{name}")


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("language", list(Language))
async def test_the_reasons_of_a_void_look_as_they_did(language, size, look) -> None:
    app = PlayedApp(busy_desk(language=language), script=f"{TABLE}<ctrl+up><ctrl+up><ctrl+up><f6>1\n")
    await look(app, size, f"dialog-void-{language}")


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(
    ("name", "script"),
    [("menu", f"{TABLE}<f8>"), ("letters", f"{TABLE}<f8>{{letters}}\nlo"), ("phrases", f"{TABLE}<f3>")],
)
async def test_what_fingers_use_looks_as_it_did(name, script, size, look) -> None:
    await look(PlayedApp(busy_desk(), script=script.format(letters="teclado")), size, f"touch-{name}")
