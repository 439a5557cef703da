"""The two palettes as Textual themes, and the base class of apps with these themes."""

from __future__ import annotations

from pathlib import Path
from typing import TypeVar

from textual.app import App
from textual.theme import Theme

from terminal.theme.palette import DARK, PALETTES, Palette

BASE_STYLES = Path(__file__).with_name("base.tcss")
Result = TypeVar("Result")


def variables_of(palette: Palette) -> dict[str, str]:
    """Variables for stylesheets: `$ink-late` (ground), `$ink-late-text`, `$ink-late-quiet` and so on by role."""
    values = {"rule": palette.rule}
    for role, ink in palette.inks().items():
        values[f"ink-{role}"] = ink.ground
        values[f"ink-{role}-text"] = ink.text
        values[f"ink-{role}-quiet"] = ink.quiet
    return values


def theme_of(palette: Palette) -> Theme:
    """A Textual theme with the palette's colours."""
    return Theme(
        name=palette.name,
        dark=palette.dark,
        primary=palette.accent,
        secondary=palette.key.ground,
        accent=palette.accent,
        success=palette.ready.ground,
        warning=palette.warn.ground,
        error=palette.late.ground,
        foreground=palette.page.text,
        background=palette.page.ground,
        surface=palette.panel.ground,
        panel=palette.bar.ground,
        text_alpha=1.0,
        variables=variables_of(palette),
    )


class ThemedApp(App[Result]):
    """An app with our two themes, dark first, and without Textual features that a till must not have.

    Text selection costs 20 kB of output for each tap, and with the command palette and ctrl+q a customer could leave
    the till.
    """

    CSS_PATH = [BASE_STYLES]  # noqa: RUF012 Textual's own form
    ALLOW_SELECT = False
    ENABLE_COMMAND_PALETTE = False
    AUTO_FOCUS = None

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """Define our variables before one of our themes is active."""
        return variables_of(DARK)

    def wear(self, palette: Palette = DARK) -> None:
        """Register both themes and use one. Before the app runs, so that all stylesheets are parsed only once."""
        for known in PALETTES.values():
            self.register_theme(theme_of(known))
        if self.is_running:
            self.theme = palette.name
        else:
            self.set_reactive(App.theme, palette.name)
            self.stylesheet.set_variables(self.get_css_variables())
