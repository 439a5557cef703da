"""Which changes of a row the cloud answers elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple, cast

import pytest

from cloud.jobs.facts import Reaction
from cloud.jobs.kinds import JobCall
from sync.tables import Values


class Row(NamedTuple):
    """A row as the feed tells it."""

    name: str
    price_minor: int


async def nothing(_call: JobCall, _provided: Mapping[str, object]) -> None:
    """Never called here."""


SOUP, RENAMED, DEARER = Row("Sopa", 900), Row("Sopa criolla", 900), Row("Sopa", 1_000)


@pytest.mark.parametrize(
    ("if_changed", "before", "after", "follows"),
    [
        (("name",), None, SOUP, True),
        (("name",), SOUP, RENAMED, True),
        (("name",), SOUP, DEARER, False),
        (("name", "price_minor"), SOUP, DEARER, True),
        (("name",), SOUP, None, False),
        ((), SOUP, DEARER, True),
        ((), SOUP, None, False),
        ((), None, None, False),
    ],
    ids=["new", "its field", "another field", "one of two", "gone", "any field", "gone, any", "nothing"],
)
def test_a_reaction_follows_from_the_fields_that_it_names(
    if_changed: tuple[str, ...], before: Row | None, after: Row | None, follows: bool
) -> None:
    reaction = Reaction("tests.react", "items", nothing, if_changed)
    rows: tuple[Any, Any] = (before, after)
    assert reaction.follows(*cast("tuple[Values | None, Values | None]", rows)) is follows
