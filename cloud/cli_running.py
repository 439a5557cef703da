"""What the short commands of `comanda-cloud` share: the parts, how they answer, and how they ask for a password."""

from __future__ import annotations

import asyncio
import getpass
import os
import sys
from collections.abc import Awaitable, Callable

from cloud.composition import assemble
from cloud.database.opening import Say, generation_of, open_database
from cloud.parts import Parts
from cloud.realtime.carriers import carriers_of
from cloud.realtime.link import telling
from cloud.settings import Settings
from shared.kernel.language import Texts, language_of


def with_parts(settings: Settings, say: Say, work: Callable[[Parts], Awaitable[None]]) -> int:
    """Run something with the server's parts, and tell the running servers of what it changed."""

    async def run(parts: Parts) -> None:
        try:
            async with telling(carriers_of(parts.settings, parts.redis), parts.hub):
                await work(parts)
        finally:
            await parts.close()

    with open_database(settings, say, makes=False) as ready:
        asyncio.run(run(assemble(ready, generation=generation_of(ready))))
    return 0


def address_of(settings: Settings) -> str:
    """Where people and devices reach the server, as far as these settings say it."""
    return settings.public_url or f"http://{settings.host}:{settings.port}"


def answer(code: str, /, **params: object) -> None:
    """Print the result of the command to standard output and everything else to standard error."""
    print(Texts(language_of(os.environ), ("cloud",))(code, **params))


def asked_password() -> str:
    """Ask for a password, or read it from standard input."""
    if sys.stdin.isatty():
        return getpass.getpass(Texts(language_of(os.environ), ("cloud",))("cli.ask_password"))
    return sys.stdin.readline().rstrip("\r\n")
