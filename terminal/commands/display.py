"""`comanda display`: the screen that a guest looks at, beside the till of the same folder."""

from __future__ import annotations

import argparse
import os
import sys

from shared.kernel.language import Texts
from terminal.commands.screen import find_device, first_language
from terminal.device import home


def open_display(asked: argparse.Namespace, texts: Texts) -> int:
    """Show it until somebody closes it. Returns the app's exit code, 2 without a terminal.

    It opens no database and needs no keys: a till that is not running shows the house's welcome.

    Raises:
        DeviceError: no device is enrolled, or several could be meant.
    """
    folder = find_device(home(), asked.device, "till")
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        print(texts("cli.needs_a_terminal", command=asked.command), file=sys.stderr)
        return 2
    from terminal.guests.app import GuestApp
    from terminal.guests.view import GuestFile
    from terminal.theme.ability import ability_of, outer_terminal
    from terminal.theme.wardrobe import Look, palette_for

    ability = ability_of(os.environ, outer_terminal(os.environ))
    palette = palette_for(Look.LIGHT if asked.light else Look.DARK, ability.colours)
    language = first_language(folder, folder.configuration(), texts.language)
    app = GuestApp(GuestFile(folder.root), language, palette, ability)
    app.run()
    return app.return_code or 0
