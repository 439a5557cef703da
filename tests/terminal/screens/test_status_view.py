from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from terminal.printing.desk import Prints
from terminal.printing.faults import PrinterFault
from terminal.printing.views import PrinterHealth, QueueHealth
from terminal.screens.login.view import login_view
from terminal.screens.status import status_of, trouble_of
from terminal.supervision.duties import Duty, Stopped
from terminal.theme.palette import Tone
from tests.terminal.screens.paper_desk import PaperDesk
from tests.terminal.screens.paper_house import NOON, PREMISES, PaperState

STUCK = Prints(
    ("caja", "cocina"),
    QueueHealth((PrinterHealth("caja", waiting=1), PrinterHealth("cocina", 2, 1, fault=PrinterFault.PAPER_OUT))),
)


def notices(**state) -> list[tuple[Tone, str]]:
    return [(notice.tone, notice.text) for notice in status_of(PaperDesk(state=PaperState(**state))).notices]


def test_a_calm_till_says_where_when_and_that_all_is_sent(desk) -> None:
    status = status_of(desk)
    assert (status.branch, status.person, status.clock) == ("Miraflores", "", "12:41")
    assert notices() == [(Tone.READY, "Nube ahora"), (Tone.PLAIN, "0 por subir")]


def test_the_usual_printers_are_called_by_what_they_print() -> None:
    health = QueueHealth((PrinterHealth("kitchen", waiting=2, fault=PrinterFault.PAPER_OUT),))
    assert any("cocina" in text.lower() for _tone, text in notices(prints=Prints(("kitchen",), health)))


@pytest.mark.parametrize(
    ("cloud", "ago", "tone", "text"),
    [
        ("online", timedelta(minutes=4), Tone.READY, "Nube 4 min"),
        ("offline", timedelta(minutes=12), Tone.WARN, "Sin nube hace 12 min"),
        ("offline", timedelta(hours=2, minutes=5), Tone.WARN, "Sin nube hace 2 h 05"),
        ("offline", timedelta(days=3), Tone.WARN, "Sin nube hace 3 d"),
        ("offline", None, Tone.WARN, "Nube: aún sin contacto"),
        ("never", None, Tone.WARN, "Nube: aún sin contacto"),
        ("refused", timedelta(minutes=1), Tone.LATE, "La nube rechaza este equipo"),
    ],
)
def test_the_cloud_is_told_with_the_age_of_the_last_contact(cloud, ago, tone, text) -> None:
    last = None if ago is None else NOON - ago
    assert notices(cloud=cloud, last_contact=last)[0] == (tone, text)


def test_the_queue_tells_its_length_and_its_oldest() -> None:
    told = notices(pending=12, oldest_pending=NOON - timedelta(minutes=4))
    assert told[1] == (Tone.NEW, "12 por subir · 4 min")


def test_troubles_are_told_only_when_there_are_any() -> None:
    told = notices(parked=2, prints=STUCK, clock_trouble=True)[2:]
    assert told == [
        (Tone.WARN, "2 cambios detenidos"),
        (Tone.WARN, "Impresora cocina: 3 en espera"),
        (Tone.WARN, "Revisa la hora del equipo"),
    ]


@pytest.mark.parametrize(
    ("duty", "text"),
    [
        (Duty.PRINTING, "Impresión detenida desde 12:04 · ?"),
        (Duty.PULLING, "Sincronización detenida desde 12:04 · ?"),
        (Duty.WATCHING, "Avisos de la otra pantalla detenidos desde 12:04 · ?"),
        (Duty.SILENT, "El programa que imprime no responde desde 12:04 · ?"),
    ],
)
def test_what_has_stopped_is_told_first_with_the_time_since_when_and_what_to_do(duty, text) -> None:
    stopped = (Stopped(duty, NOON - timedelta(minutes=37)),)
    assert notices(stopped=stopped)[0] == (Tone.LATE, text)
    sentence, tone = trouble_of(PaperDesk(state=PaperState(stopped=stopped)))
    assert "12:04" in sentence
    assert tone is Tone.LATE


def test_a_sync_of_this_device_that_fails_is_told_once() -> None:
    told = notices(
        stopped=(Stopped(Duty.PUSHING, NOON - timedelta(minutes=37)),), cloud="offline", cloud_message="SYNC_FAILED"
    )
    assert [text for _tone, text in told] == ["Sincronización detenida desde 12:04 · ?", "0 por subir"]


def test_a_contact_in_the_future_of_a_wrong_clock_is_now() -> None:
    assert notices(last_contact=NOON + timedelta(hours=5))[0] == (Tone.READY, "Nube ahora")


def test_a_new_device_says_what_it_waits_for() -> None:
    view = login_view(PaperDesk(premises=None, state=PaperState(cloud="never", last_contact=None)))
    assert view.tone is Tone.WARN
    assert view.advice.startswith("Esperando el primer contacto con la nube")


def test_without_the_cloud_the_log_in_says_that_selling_works() -> None:
    view = login_view(PaperDesk(state=PaperState(cloud="offline")))
    assert "se vende igual" in view.advice
    assert view.device == "Caja 1 · letra A"


def test_a_refused_device_says_why_in_the_clouds_words() -> None:
    state = PaperState(cloud="refused", cloud_message="NOT_PERMITTED")
    view = login_view(PaperDesk(premises=replace(PREMISES, branch_name="Surco"), state=state))
    assert (view.tone, view.branch) == (Tone.LATE, "Surco")
    assert view.advice.startswith("No tienes permiso")
