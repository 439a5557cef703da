"""Under which other words people look for an action: its name and what else it is called, in every language.

Who works here in Spanish may have learnt a till in English, and the other way.
"""

from __future__ import annotations

from functools import cache

from shared.kernel.language import Language, catalogue

ROOM = "terminal"


@cache
def other_words(action_id: str) -> str:
    """All names of an action, with commas between."""
    keys = (f"action.{action_id}", f"also.{action_id}")
    found = (catalogue(ROOM, language).get(key, "") for language in Language for key in keys)
    return ", ".join(filter(None, found))
