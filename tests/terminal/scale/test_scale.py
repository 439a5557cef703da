"""A scale on a serial line, played on a pseudo-terminal: what is said of it, and that it never holds anybody up."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from terminal.scale import scale as module
from terminal.scale.port import Line, ScaleSettings, scale_settings
from terminal.scale.scale import Scale, ScaleState, ScaleView
from tests.terminal.scale.pan import PATIENCE_SECONDS, Pan, scale_at


@pytest.fixture
def pan(tmp_path: Path) -> Pan:
    return Pan(tmp_path)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """A scale's pauses, shortened."""
    monkeypatch.setattr(module, "SILENT_SECONDS", 0.4)
    monkeypatch.setattr(module, "OPEN_AGAIN_SECONDS", 0.05)
    monkeypatch.setattr(module, "ASK_SECONDS", 0.02)


@pytest.fixture
async def scale(pan: Pan) -> AsyncIterator[Scale]:
    """A scale that somebody looks at."""
    scale = scale_at(pan)
    scale.begin()
    yield scale
    scale.end()


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not holds():  # noqa: ASYNC110 - a line rings no bell
            await asyncio.sleep(0.005)


async def test_it_follows_the_pan(pan: Pan, scale: Scale) -> None:
    assert scale.view.state is ScaleState.STARTING
    for sent, view in [
        (b"US,GS,+  0.347kg\r\n", ScaleView(ScaleState.UNSTABLE)),
        (b"ST,GS,+  0.350kg\r\n", ScaleView(ScaleState.STABLE, 350, "kg")),
        (b"ST,GS,+  0.000kg\r\n", ScaleView(ScaleState.EMPTY)),
        (b"ST,GS,-  0.120kg\r\n", ScaleView(ScaleState.NEGATIVE)),
        (b"OL,GS,+ ------kg\r\n", ScaleView(ScaleState.OVERLOAD)),
    ]:
        pan.send(sent)
        await until(lambda view=view: scale.view == view)


async def test_a_weight_without_a_word_is_stable_once_it_stays(pan: Pan, scale: Scale) -> None:
    for sent in (b"  0.351\r\n", b"  0.350\r\n", b"  0.350\r\n"):
        pan.send(sent)
    await until(lambda: scale.view.state is ScaleState.UNSTABLE)
    pan.send(b"  0.350\r\n")
    await until(lambda: scale.view == ScaleView(ScaleState.STABLE, 350, "kg"))


async def test_a_mute_scale_is_silent_and_one_at_another_speed_is_garbled(pan: Pan, scale: Scale) -> None:
    await until(lambda: scale.view.state is ScaleState.SILENT)
    pan.send(b"\xf3\x98\xfe\x86\r")
    await until(lambda: scale.view.state is ScaleState.GARBLED)
    pan.send(b"ST,GS,+  0.350kg\r\n")
    await until(lambda: scale.view.state is ScaleState.STABLE)
    await until(lambda: scale.view.state is not ScaleState.STABLE)
    assert scale.view.weight_milli == 0, "an old weight is none"


async def test_a_scale_that_was_pulled_out_comes_back_by_itself(pan: Pan, scale: Scale) -> None:
    pan.send(b"ST,GS,+  0.350kg\r\n")
    await until(lambda: scale.view.state is ScaleState.STABLE)
    pan.unplug()
    await until(lambda: scale.view.state is ScaleState.DISCONNECTED)
    pan.plug()
    await until(lambda: scale.view.state is ScaleState.STARTING)
    pan.send(b"ST,GS,+  0.420kg\r\n")
    await until(lambda: scale.view == ScaleView(ScaleState.STABLE, 420, "kg"))


async def test_a_scale_that_is_not_there_is_said_to_be_away(tmp_path: Path) -> None:
    scale = Scale(ScaleSettings(Line(str(tmp_path / "none"))))
    scale.begin()
    assert scale.view == ScaleView(ScaleState.DISCONNECTED)
    scale.end()
    file = tmp_path / "file"
    file.write_bytes(b"ST,GS,+  0.350kg\r\n")
    scale = Scale(ScaleSettings(Line(str(file))))
    scale.begin()
    assert scale.view == ScaleView(ScaleState.DISCONNECTED), "a file is no line"
    scale.end()


async def test_a_scale_that_must_be_asked_is_asked_while_somebody_looks(pan: Pan) -> None:
    scale = scale_at(pan, ask="W\r")
    await asyncio.sleep(0.1)
    assert pan.asked() == b"", "nobody looks"
    scale.begin()
    await until(lambda: pan.asked().startswith(b"W\r"))
    pan.send(b"\x02?\x41\r")
    await until(lambda: scale.view.state is ScaleState.UNSTABLE)
    pan.send(b"\x0200.350\r")
    await until(lambda: scale.view == ScaleView(ScaleState.STABLE, 350, "kg"))
    scale.end()
    pan.asked()
    await asyncio.sleep(0.1)
    assert pan.asked() == b""


async def test_a_scale_asked_by_enq_sends_after_it_was_let(pan: Pan) -> None:
    scale = scale_at(pan, ask="ENQ")
    scale.begin()
    await until(lambda: b"\x05" in pan.asked())
    pan.send(b"\x06")
    await until(lambda: b"\x11" in pan.asked())
    pan.send(b"\x01\x02S 00.350kg\x1d\x03\x04")
    await until(lambda: scale.view == ScaleView(ScaleState.STABLE, 350, "kg"))
    scale.end()


async def test_a_line_that_takes_nothing_holds_nobody_up(pan: Pan) -> None:
    scale = scale_at(pan, ask="W" * 4_000)
    scale.begin()
    began = asyncio.get_running_loop().time()
    await asyncio.sleep(0.3)
    assert asyncio.get_running_loop().time() - began < PATIENCE_SECONDS
    assert scale.view.state in (ScaleState.STARTING, ScaleState.SILENT)
    scale.end()


def test_the_settings_of_a_scale_are_checked_when_the_device_starts() -> None:
    read = scale_settings({"port": "/dev/ttyUSB0", "speed": 4_800, "bits": 7, "parity": "even", "ask": "ENQ"})
    assert (read.line.speed, read.line.bits, str(read.line.parity), read.question) == (4_800, 7, "even", b"\x05")
    assert scale_settings({"port": "/dev/ttyS1", "ask": "W\r"}).question == b"W\r"
    for wrong in (
        {},
        {"port": "COM3"},
        {"port": "/dev/ttyS1", "speed": 9_601},
        {"port": "/dev/ttyS1", "parity": "mark"},
        {"port": "/dev/ttyS1", "unit": "stone"},
        {"port": "/dev/ttyS1", "baud": 9_600},
        {"port": "/dev/ttyS1", "ask": "ñ"},
    ):
        with pytest.raises(ValueError, match="scale"):
            scale_settings(wrong)
