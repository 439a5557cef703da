"""A field of a form in which a branch is chosen: a list of a few, and of many one that finds what is typed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from cloud.accounts.branches import BranchSeen, called
from cloud.pages.forms import Field
from cloud.pages.frame import BRANCHES_AT_ONCE
from shared.kernel.language import Texts
from shared.kernel.text import clean, search_key

NAME = "branch"


def branch_field(
    texts: Texts,
    label: str,
    seen: Sequence[BranchSeen],
    offered: Sequence[BranchSeen],
    chosen: BranchSeen | None = None,
) -> Field:
    """The field. What it sends `branch_called` understands.

    Args:
        seen: all branches of the reader, by which a name is the only one of its kind or not.
        offered: those that can be chosen.
    """
    if len(offered) <= BRANCHES_AT_ONCE:
        choices = [("", texts("branch_field.choose")), *((called(seen, each), clean(each.name)) for each in offered)]
        return Field(NAME, label, "select", called(seen, chosen), choices=choices)
    names = Counter(search_key(each.name) for each in seen)

    def said(branch: BranchSeen) -> str:
        return clean(branch.name) if names[search_key(branch.name)] == 1 else called(seen, branch)

    choices = [(said(each), each.slug if said(each) == clean(each.name) else clean(each.name)) for each in offered]
    hint = texts("branch_field.hint", count=len(offered))
    return Field(NAME, label, "pick", said(chosen) if chosen is not None else "", hint=hint, choices=choices, most=80)
