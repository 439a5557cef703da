"""What keys do on a kitchen display, and which of them it names: those of its key map, or of its number pad. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from terminal.input.key_map import KeyMap

PAD = frozenset("0123456789+-*/.") | {"enter"}
"""The keys of a number pad."""
_IN_DIALOGS = {"/": "escape", "*": "backspace", "+": "pagedown", "-": "pageup"}
"""What the signs of a number pad do in a dialog where they are no part of what is typed: a pad has no other keys."""
BACK_ON_PAD = "/"
_CORRECTING = frozenset({"escape", "backspace"})


def key_shown(keys: Sequence[str], key_map: KeyMap, kept: frozenset[str], *, pad: bool) -> str:
    """The key that this display names for an action; empty if no key does it any more.

    Args:
        keys: of the action.
        kept: keys that some windows keep for themselves.
        pad: whether people have a number pad alone.
    """
    mapped = next((key for key, meaning in key_map.keys.items() if meaning in keys), "")
    if mapped:
        return mapped
    own = [key for key in keys if key not in key_map.keys]
    own.sort(key=lambda key: (pad and key not in PAD, key in kept))
    return own[0] if own else ""


def figure_meaning(name: str, key_map: KeyMap, same: Mapping[str, Sequence[str]]) -> str:
    """The key that a key stands for where figures are typed: of a bump bar's key what a number pad has for the same.

    A bar of cards and verbs has no other digits: a temperature, a count and a PIN are typed by it all the same.

    Args:
        name: of the key as it was sent, or as the key map has read it already.
        same: by the name of each key of the wall all keys that do the same.
    """
    key = key_map.keys.get(name.lower(), name if name in key_map.keys.values() else "")
    on_pad = next((each for each in (key, *same.get(key, ())) if each in PAD), "")
    return on_pad or (key if key in _CORRECTING else name)


def pad_meaning(name: str, *, is_sign: bool) -> str:
    """The key that a key of a number pad stands for in a dialog.

    Args:
        is_sign: whether it could be a part of what is typed.
    """
    return name if is_sign else _IN_DIALOGS.get(name, name)
