"""What scales send, as readings: each protocol by examples of its frames, in any pieces, and noise."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from terminal.scale.frames import Frames, Ready, Steady, Weighed

STABLE, UNSTABLE, NEGATIVE, OVERLOAD, UNSAID = Steady


def toledo(weight: str, *, point: int = 5, state: int = 0b110000, unit: int = 0) -> bytes:
    """A frame of Toledo's continuous output; `state` is of kilos, at rest."""
    return bytes([2, 0x20 | point, state, 0x20 | unit]) + f"{weight:>6}".encode() + b"000000\r"


FRAMES = [
    (b"ST,GS,+  0.350kg\r\n", Weighed(STABLE, 350, "kg")),
    (b"ST,GS,   245.6 g\r\n", Weighed(STABLE, 245_600, "g")),
    (b"ST,GS    20.7g  \r\n", Weighed(STABLE, 20_700, "g")),
    (b"US,GS,+  0.347kg\r\n", Weighed(UNSTABLE, 347, "kg")),
    (b"ST,NT,-  0.120kg\r\n", Weighed(NEGATIVE)),
    (b"ST,GS,-  0.000kg\r\n", Weighed(STABLE, 0, "kg")),
    (b"OL,GS,+ ------kg\r\n", Weighed(OVERLOAD)),
    (b"UL,GS,- ------kg\r\n", Weighed(NEGATIVE)),
    (b"\x02ST,GS,+ 12.345lb\r\n", Weighed(STABLE, 12_345, "lb")),
    (b"S S      0.350 kg\r\n", Weighed(STABLE, 350, "kg")),
    (b"S D      0.351 kg\r\n", Weighed(UNSTABLE, 351, "kg")),
    (b"S +\r\n", Weighed(OVERLOAD)),
    (b"S -\r\n", Weighed(NEGATIVE)),
    (b"S I\r\n", Weighed(UNSTABLE)),
    (b"+  0,350 kg\r\n", Weighed(UNSAID, 350, "kg")),
    (b"    20.0 kg    G\r\n", Weighed(UNSAID, 20_000, "kg")),
    (b"  1.2346 KG\r\n", Weighed(UNSAID, 1_235, "kg")),
    (toledo("350"), Weighed(STABLE, 350, "kg")),
    (toledo("1234", point=4), Weighed(STABLE, 12_340, "kg")),
    (toledo("350", state=0b100000), Weighed(STABLE, 350, "lb")),
    (toledo("350", state=0b111000), Weighed(UNSTABLE, 350, "kg")),
    (toledo("350", state=0b110010), Weighed(NEGATIVE)),
    (toledo("350", state=0b110100), Weighed(OVERLOAD)),
    (toledo("350", point=2, unit=1), Weighed(STABLE, 350_000, "g")),
    (b"\x0200.350\r", Weighed(STABLE, 350)),
    (b"\x02?\x41\r", Weighed(UNSTABLE)),
    (b"\x02?\x42\r", Weighed(OVERLOAD)),
    (b"\x02?\x44\r", Weighed(NEGATIVE)),
    (b"\x01\x02S 00.350kg\x1d\x03\x04", Weighed(STABLE, 350, "kg")),
    (b"\x01\x02S 00.350kgx\x03\x04", Weighed(STABLE, 350, "kg")),
    (b"\x01\x02U 00.350kg\x1d\x03\x04", Weighed(UNSTABLE, 350, "kg")),
    (b"\x01\x02S-00.350kg\x1d\x03\x04", Weighed(NEGATIVE)),
    (b"\x01\x02SF00.000kg\x1d\x03\x04", Weighed(OVERLOAD)),
]


@pytest.mark.parametrize(("sent", "read"), FRAMES, ids=[ascii(sent) for sent, _read in FRAMES])
def test_a_frame_is_read_as_its_protocol_means_it(sent: bytes, read: Weighed) -> None:
    assert list(Frames().feed(sent)) == [read]


def test_the_status_after_an_nci_weight_has_the_last_word() -> None:
    good, moving = (b"\n00.350KG\r\nS0" + state + b"\r\x03" for state in (b"0", b"0"))
    assert list(Frames().feed(good)) == [Weighed(UNSAID, 350, "kg")]
    assert list(Frames().feed(b"\nS10\r\x03")) == [Weighed(UNSTABLE)]
    assert list(Frames().feed(b"\nS01\r\x03")) == [Weighed(NEGATIVE)]
    assert list(Frames().feed(b"\nS02\r\x03")) == [Weighed(OVERLOAD)]
    assert moving == good


def test_an_acknowledgement_says_that_the_scale_may_be_asked() -> None:
    assert list(Frames().feed(b"\x06")) == [Ready()]
    assert list(Frames().feed(b"\x15")) == []


@pytest.mark.parametrize(("sent", "read"), FRAMES[:2] + FRAMES[17:18] + FRAMES[24:25])
def test_pieces_and_parity_change_nothing(sent: bytes, read: Weighed) -> None:
    frames = Frames()
    in_pieces = [found for byte in sent for found in frames.feed(bytes([byte | 0x80]))]
    assert in_pieces == [read]


@pytest.mark.parametrize("noise", [b"\r\n\r\n", b"ST,GS\r\n", b"hola\r\n", b"\xff\x00\x12" * 200 + b"\r"])
def test_what_is_no_weight_is_none(noise: bytes) -> None:
    frames = Frames()
    assert list(frames.feed(noise)) == []
    assert list(frames.feed(b"ST,GS,+  0.350kg\r\n")) == [Weighed(STABLE, 350, "kg")]


@given(st.lists(st.binary(max_size=40)))
def test_no_bytes_break_it_and_it_holds_little(pieces: list[bytes]) -> None:
    frames = Frames()
    for piece in pieces:
        for found in frames.feed(piece):
            assert isinstance(found, Ready) or found.weight_milli >= 0
    assert len(frames._held) <= 256
