"""Sounds of the kitchen and of who serves: tones through the machine's player, the terminal's bell where is none."""

from __future__ import annotations

import asyncio
import logging
import math
import shutil
import struct
import tempfile
import wave
from collections.abc import Callable
from enum import StrEnum
from functools import cache
from pathlib import Path

logger = logging.getLogger(__name__)
PLAYERS = (("paplay",), ("pw-play",), ("aplay", "-q"))
"""Programs that play a file, the first that is installed is taken."""
RATE = 22_050
TONE_SECONDS, PAUSE_SECONDS = 0.14, 0.05
LOUDNESS = 0.6
"""Of the loudest that a file can say."""
LONGEST_SECONDS = 5.0
"""A player that takes longer hangs, and is ended."""


class Sound(StrEnum):
    """What is heard on the wall, the gravest last, and (`READY`) what calls who serves."""

    NEW = "new"
    CHANGED = "changed"
    WITHDRAWN = "withdrawn"
    RUSH = "rush"
    READY = "ready"


_TONES = {
    Sound.NEW: (880,),
    Sound.CHANGED: (880, 660),
    Sound.WITHDRAWN: (660, 440, 660, 440),
    Sound.RUSH: (1046, 1318, 1046, 1318, 1046, 1318),
    Sound.READY: (1046, 1568),
}
"""Their tones in hertz."""
_playing: set[asyncio.Task[None]] = set()


def play(sound: Sound, bell: Callable[[], None]) -> None:
    """Play a sound beside everything else; the bell rings where no player is, once for each two tones."""
    command = player()
    if not command:
        for _ in range((len(_TONES[sound]) + 1) // 2):
            bell()
        return
    task = asyncio.get_running_loop().create_task(_play((*command, str(file_of(sound))), bell))
    _playing.add(task)
    task.add_done_callback(_playing.discard)


@cache
def player() -> tuple[str, ...]:
    """The program that plays files here; empty if there is none."""
    return next((each for each in PLAYERS if shutil.which(each[0])), ())


@cache
def file_of(sound: Sound) -> Path:
    """The file of a sound, written when it is first needed."""
    path = Path(tempfile.mkdtemp(prefix="comanda-sounds-")) / f"{sound}.wav"
    samples = bytearray()
    for hertz in _TONES[sound]:
        for at in range(int(RATE * TONE_SECONDS)):
            samples += struct.pack("<h", int(32_767 * LOUDNESS * math.sin(2 * math.pi * hertz * at / RATE)))
        samples += bytes(2 * int(RATE * PAUSE_SECONDS))
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(bytes(samples))
    return path


async def _play(command: tuple[str, ...], bell: Callable[[], None]) -> None:
    """Run the player; the bell rings if it does not play."""
    try:
        process = await asyncio.create_subprocess_exec(
            *command, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL
        )
        try:
            async with asyncio.timeout(LONGEST_SECONDS):
                failed = await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()
            failed = 1
    except OSError as error:
        logger.warning("no sound: %s", error)
        failed = 1
    if failed:
        bell()
