"""What is said of papers is what is known, and no more."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import pytest

from shared.kernel.language import Language, Texts
from terminal.printing.desk import Followed
from terminal.printing.documents import PaperKind
from terminal.printing.faults import PrinterFault
from terminal.printing.records import State
from terminal.printing.views import PaperState, PulseState
from terminal.screens.paper_words import each_said, in_rows, papers_said, pulse_said
from terminal.screens.voice import Voice
from terminal.snapshots.keeping import ROOMS
from terminal.theme.palette import Tone
from tests.terminal.screens.paper_house import NOON

ORDER = UUID(int=7)
VOICE = Voice(Texts(Language.SPANISH, ROOMS), str, NOON, NOON)


def paper(state: State, error: PrinterFault | None = None, printer: str = "cocina", **more: object) -> PaperState:
    return PaperState(printer, PaperKind.KITCHEN, state, error, **{"asked_at": 10, **more})  # type: ignore[arg-type]


def said(*papers: PaperState) -> tuple[str, Tone] | None:
    return papers_said(Followed(ORDER, 10, papers), ORDER, VOICE)


@pytest.mark.parametrize(
    ("state", "error", "words", "tone"),
    [
        (State.QUEUED, None, "cocina: en espera", Tone.PLAIN),
        (State.SENDING, None, "cocina: imprimiendo", Tone.PLAIN),
        (State.SENT, None, "cocina: enviado, no dice si imprimió", Tone.PLAIN),
        (State.CONFIRMED, None, "cocina: impreso", Tone.READY),
        (State.FAILED, PrinterFault.PAPER_OUT, "cocina: no salió (sin papel), se reintenta", Tone.WARN),
        (State.UNKNOWN, PrinterFault.HUNG_UP, "cocina: ¿salió? (cortó la comunicación)", Tone.WARN),
        (State.UNKNOWN, PrinterFault.EXPIRED, "cocina: no salió (esperó demasiado): ¿hace falta?", Tone.WARN),
    ],
)
def test_each_state_is_said_as_what_it_is(state: State, error: PrinterFault | None, words: str, tone: Tone) -> None:
    assert said(paper(state, error)) == (words, tone)


def test_of_several_papers_of_a_printer_the_worst_is_said() -> None:
    papers = (paper(State.CONFIRMED), paper(State.FAILED, PrinterFault.MUTE), paper(State.CONFIRMED, printer="barra"))
    assert said(*papers) == ("cocina: no salió (no responde), se reintenta · barra: impreso", Tone.WARN)


def test_a_substitute_is_named_with_the_printer_that_it_stands_in_for() -> None:
    assert said(paper(State.CONFIRMED, printer="caja", instead_of="cocina")) == ("cocina en caja: impreso", Tone.READY)


def test_papers_of_an_earlier_sending_and_of_another_order_are_not_said() -> None:
    assert said(paper(State.CONFIRMED, asked_at=9)) is None
    assert papers_said(Followed(ORDER, 10, (paper(State.CONFIRMED),)), UUID(int=8), VOICE) is None


def test_a_drawer_that_did_not_open_is_said_first_and_one_that_is_not_there_never() -> None:
    pulse = PulseState("caja", State.FAILED, PrinterFault.UNREACHABLE, 10)
    receipt = replace(paper(State.FAILED, PrinterFault.UNREACHABLE), kind=PaperKind.RECEIPT)
    words = "el cajón NO abrió (no está en la red) · recibo: no salió (no está en la red), se reintenta"
    parts = each_said(Followed(ORDER, 10, (receipt,), pulse), ORDER, VOICE)
    assert in_rows(parts, 120) == [(words, Tone.WARN)]
    assert in_rows([("1" * 30, Tone.PLAIN), *parts], 80) == [*parts, ("1" * 30, Tone.PLAIN)], "rows of their own"
    assert pulse_said(replace(pulse, error=PrinterFault.NO_DRAWER), VOICE) is None
    assert each_said(Followed(ORDER, 11, (), pulse), ORDER, VOICE) == [], "of an earlier payment"


def test_every_state_and_fault_has_its_words_in_both_languages() -> None:
    for language in Language:
        texts = Texts(language, ROOMS)
        assert all(texts.has(f"printing.fault_brief.{fault}") for fault in PrinterFault)
        assert all(texts.has(f"papers.{state}") for state in State)


def test_where_one_row_is_too_short_no_paper_is_broken_that_fits_into_one() -> None:
    drawer = ("el cajón NO abrió (no responde)", Tone.WARN)
    kitchen, receipt = (
        (f"{name}: no salió (no responde), se reintenta", Tone.WARN) for name in ("cocina caliente", "recibo")
    )
    note = ("Sin turno: la caja empieza sin contar.", Tone.PLAIN)
    assert in_rows([drawer, kitchen, receipt, note], 80) == [drawer, kitchen, receipt, note]
    short = ("barra: no salió", Tone.WARN)
    assert in_rows([note, drawer, short, receipt], 60) == [(f"{drawer[0]} · {short[0]}", Tone.WARN), receipt, note]
