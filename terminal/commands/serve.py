"""`comanda serve`: the till in a browser, by textual-serve: a program of the folder for each tab, with its own log-in.

It listens on this machine alone unless somebody says otherwise, and then asks every browser for a password: it has no
TLS of its own. The PIN is the till's. A tab that closes ends its program; what was entered stands in the store.
"""

from __future__ import annotations

import argparse
import os
import secrets
import shlex
import sys
from importlib import import_module

from shared.kernel.language import Texts
from terminal.commands.browser_gate import Gate, is_loopback
from terminal.commands.screen import find_device
from terminal.device import home

PASSWORD = "COMANDA_SERVE_PASSWORD"  # noqa: S105 the name of the variable
LEAST_PASSWORD_CHARACTERS = 12
"""It guards the log-in screen against a whole network, and may be tried once a second."""


def serve_screens(asked: argparse.Namespace, texts: Texts) -> int:
    """Serve until interrupted. Returns the exit code: 1 if textual-serve is not installed, 2 without a password.

    Raises:
        DeviceError: no device is enrolled, or several could be meant.
    """
    folder = find_device(home(), asked.device, "till")
    password = os.environ.pop(PASSWORD, "")  # no program of a tab inherits it
    if not is_loopback(asked.host):
        if len(password) < LEAST_PASSWORD_CHARACTERS:
            least = LEAST_PASSWORD_CHARACTERS
            print(texts("cli.serve_password", host=asked.host, variable=PASSWORD, least=least), file=sys.stderr)
            return 2
        print(texts("cli.serve_open", host=asked.host), file=sys.stderr)
    try:
        server_class = import_module("terminal.commands.guarded_server").GuardedServer
    except ImportError:
        print(texts("cli.serve_missing"), file=sys.stderr)
        return 1
    gate = Gate(asked.host, asked.port, asked.public_url or "", password, secrets.token_urlsafe(32))
    name = str(folder.root.relative_to(home()))
    server = server_class(command_of(name), gate, texts, folder.configuration().name)
    print(texts("cli.serving", url=server.public_url))
    server.serve()
    return 0


def command_of(device: str) -> str:
    """The command line of the program behind each tab: it locks like a till, and shares the folder with it."""
    return shlex.join([sys.executable, "-m", "terminal.cli", "pos", "--device", device])
