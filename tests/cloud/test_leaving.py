"""SIGTERM ends a program of the server at whatever moment it comes."""

from __future__ import annotations

import os
import signal
import socket
import weakref
from collections.abc import Iterator
from typing import Any

import pytest
import uvicorn

from cloud.cli_serve import Server
from cloud.edge.gate import Gate
from cloud.kernel.leaving import leaving_on_sigterm
from cloud.realtime.hub import Hub


class Thing:
    """Can be collected."""


@pytest.fixture(autouse=True)
def _handler_before() -> Iterator[None]:
    before = signal.getsignal(signal.SIGTERM)
    yield
    signal.signal(signal.SIGTERM, before)


async def answers_nothing(scope: Any, receive: Any, send: Any) -> None:
    """An application without routes."""


def test_sigterm_ends_a_start() -> None:
    leaving = leaving_on_sigterm()
    with pytest.raises(SystemExit):
        os.kill(os.getpid(), signal.SIGTERM)
    assert leaving.is_told


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_sigterm_whose_exception_python_has_dropped_ends_the_server_all_the_same() -> None:
    leaving = leaving_on_sigterm()
    thing = Thing()
    watched = weakref.ref(thing, lambda _gone: os.kill(os.getpid(), signal.SIGTERM))
    del thing  # the exception of the handler comes up in a callback of the collector
    assert watched() is None

    said: list[str] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:
        config = uvicorn.Config(answers_nothing, log_config=None, lifespan="off")
        server = Server(config, lambda: said.append("listens"), hub=Hub(), gate=Gate(10), leaving=leaving)
        server.run(sockets=[listener])  # would serve for ever
    assert said == []
