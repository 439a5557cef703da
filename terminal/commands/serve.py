"""`comanda serve`: the till in a browser, by textual-serve: a program of the folder for each tab, with its own log-in.

It listens on this machine alone unless somebody says otherwise, and has neither TLS nor passwords of its own: the PIN
is the till's. A tab that closes ends its program; what was entered stands in the store.
"""

from __future__ import annotations

import argparse
import ipaddress
import shlex
import sys
from importlib import import_module

from shared.kernel.language import Texts
from terminal.commands.screen import find_device
from terminal.device import home


def serve_screens(asked: argparse.Namespace, texts: Texts) -> int:
    """Serve until interrupted. Returns the exit code: 1 if textual-serve is not installed.

    Raises:
        DeviceError: no device is enrolled, or several could be meant.
    """
    folder = find_device(home(), asked.device, "till")
    try:
        server_class = import_module("textual_serve.server").Server
    except ImportError:
        print(texts("cli.serve_missing"), file=sys.stderr)
        return 1
    if not is_loopback(asked.host):
        print(texts("cli.serve_open", host=asked.host), file=sys.stderr)
    name = str(folder.root.relative_to(home()))
    title, here = folder.configuration().name, {"host": asked.host, "port": asked.port}
    server = server_class(command_of(name), **here, title=title, public_url=asked.public_url)
    print(texts("cli.serving", url=server.public_url))
    server.serve()
    return 0


def command_of(device: str) -> str:
    """The command line of the program behind each tab: it locks like a till, and shares the folder with it."""
    return shlex.join([sys.executable, "-m", "terminal.cli", "pos", "--device", device])


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach an address."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
