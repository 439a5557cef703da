"""A program that cannot outlive the demo: `guard.py` runs it, and closing the pipe stops it."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO

GUARD = Path(__file__).with_name("guard.py")


class GuardedProgram:
    """One running program.

    Args:
        command: what to run.
        environment: its whole environment.
        errors: file for its standard error.
        answers: keep its standard output for `answer`, and do not write it to `errors`.
        held: descriptors of locks that stay taken until it has ended.
    """

    def __init__(
        self,
        command: Sequence[str],
        environment: Mapping[str, str],
        errors: IO[bytes],
        *,
        answers: bool = False,
        held: Sequence[int] = (),
    ) -> None:
        self._guardian = subprocess.Popen(  # noqa: S603 - our own programs
            [sys.executable, "-I", "-S", str(GUARD), json.dumps([str(word) for word in command])],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE if answers else errors,
            stderr=errors,
            env=dict(environment),
            pass_fds=tuple(held),
            start_new_session=True,  # Ctrl-C and a closed terminal reach the demo alone, which then stops us in order
        )

    def ended(self) -> bool:
        """Whether it has ended by itself."""
        return self._guardian.poll() is not None

    def answer(self) -> tuple[int, bytes]:
        """Wait for its end. Returns its exit code and its standard output."""
        assert self._guardian.stdout is not None
        output = self._guardian.stdout.read()
        return self._guardian.wait(), output

    def stop(self) -> None:
        """Stop it and wait for its end. A second call does nothing."""
        assert self._guardian.stdin is not None
        if not self._guardian.stdin.closed:
            self._guardian.stdin.close()
        self._guardian.wait()
        if self._guardian.stdout is not None:
            self._guardian.stdout.close()
