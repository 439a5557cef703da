"""The codes that guests type, and the names of doors: made of signs that nobody takes for one another. Pure."""

from __future__ import annotations

from collections.abc import Callable

SIGNS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
"""Without 0 and O, 1 and I and L."""
CODE_CHARACTERS = 6
DOOR_CHARACTERS = 10
MOST_DOOR_CHARACTERS = 16
_TYPED_FOR = str.maketrans({"-": "", " ": "", ".": ""})


def new_code(random_bytes: Callable[[int], bytes], length: int = CODE_CHARACTERS) -> str:
    """A code that nobody guesses: every sign is equally likely.

    Args:
        random_bytes: a secure source.
    """
    found = ""
    while len(found) < length:
        # What is beyond the last whole multiple of the signs is thrown away, so that no sign is likelier.
        limit = 256 - 256 % len(SIGNS)
        found += "".join(SIGNS[byte % len(SIGNS)] for byte in random_bytes(length) if byte < limit)
    return found[:length]


def is_code(text: str) -> bool:
    """Whether a text is a code of a table as it is kept."""
    return len(text) == CODE_CHARACTERS and all(sign in SIGNS for sign in text)


def typed_code(text: str) -> str:
    """A code as it is kept, of what somebody typed: small letters, blanks and dashes are no matter."""
    return text.strip().translate(_TYPED_FOR).upper()[: 2 * CODE_CHARACTERS]


def shown_code(code: str) -> str:
    """A code as it is printed: `K7M-4QX`."""
    return f"{code[:3]}-{code[3:]}" if len(code) == CODE_CHARACTERS else code
