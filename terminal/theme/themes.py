"""The palettes as Textual themes, and the base class of apps with these themes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TypeVar

from rich.console import COLOR_SYSTEMS
from textual.app import App
from textual.filter import LineFilter
from textual.theme import Theme

from terminal.theme.ability import EVERYTHING, Ability
from terminal.theme.palette import DARK, Palette
from terminal.theme.signs import PlainerLines
from terminal.theme.wardrobe import PALETTES

BASE_STYLES = Path(__file__).with_name("base.tcss")
Result = TypeVar("Result")


def variables_of(palette: Palette) -> dict[str, str]:
    """Variables for stylesheets: `$ink-late` (ground), `$ink-late-text`, `$ink-late-quiet` and so on by role.

    `$veil` is the ground behind a dialog, `$frame` the border around it.
    """
    values = {
        "rule": palette.rule,
        "veil": f"{palette.page.ground} {palette.veil}%",
        "frame": f"{palette.frame} {palette.cursor.ground}",
    }
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
    """An app with our themes, dark first, and without Textual features that a till must not have.

    Text selection costs 20 kB of output for each tap, and with the command palette and ctrl+q a customer could leave
    the till.
    """

    CSS_PATH = [BASE_STYLES]  # noqa: RUF012 Textual's own form
    ALLOW_SELECT = False
    ENABLE_COMMAND_PALETTE = False
    AUTO_FOCUS = None

    ability = EVERYTHING
    large = False
    """Whether somebody wants large figures and tiles."""
    _plainer: PlainerLines | None = None

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Textual's own, and ours for terminals that lack colours or characters."""
        usual = super().get_line_filters()
        return [*usual, self._plainer] if self._plainer is not None else usual

    def able(self, ability: Ability) -> None:
        """Draw for a terminal that can show this, and no more."""
        self.ability = ability
        plainer = PlainerLines(ability)
        self._plainer = plainer if plainer.enabled else None
        # Textual reads the environment alone, which inside tmux is that of another terminal.
        self.console._color_system = COLOR_SYSTEMS[ability.colours]

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """Define our variables before one of our themes is active."""
        return variables_of(DARK)

    def wear(self, palette: Palette = DARK) -> None:
        """Register all themes and use one. Before the app runs, so that all stylesheets are parsed only once."""
        for known in PALETTES.values():
            self.register_theme(theme_of(known))
        if self.is_running:
            self.theme = palette.name
        else:
            self.set_reactive(App.theme, palette.name)
            self.stylesheet.set_variables(self.get_css_variables())

    def show_anew(self) -> None:
        """Draw everything that is on view again, with other signs or another size of figures."""
        for screen in self.screen_stack:
            for widget in screen.walk_children(with_self=True):
                widget.notify_style_update()
                widget.refresh(layout=True)
