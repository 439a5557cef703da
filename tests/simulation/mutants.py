"""Planted bugs: each breaks one rule, and the simulation must notice. A simulation that a mutant survives is the bug.

`make test` hunts those that show themselves soon, `make simulate` all of them.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager

from tests.simulation import command_mutants, engine_mutants, history_mutants, rights_mutants, truth_mutants

FOUND_WITHIN: dict[str, int] = {
    "no_replay_check": 10,
    "acknowledged_without_storing": 5,
    "cursor_before_data": 60,
    "tie_break_dropped": 60,
    "last_arrival_wins": 10,
    "waiting_forgotten": 30,
    "set_aside_for_ever": 20,
    "unknown_fields_unnoted": 200,
    "older_digests_uncounted": 20,
    "edit_skips_missing_rows": 30,
    "child_before_parent": 30,
    "clock_not_above_field": 60,
    "state_takes_latest": 400,
    "transaction_cut": 5,
    "void_not_obeyed": 5,
    "void_heard_too_late": 40,
    "stamps_not_kept": 5,
    "numbers_in_memory": 5,
    "acknowledged_before_commit": 40,
    "gap_accepted": 10,
    "told_as_new": 5,
    "own_writing_untold": 5,
    "derived_by_the_last": 60,
    "void_alone": 200,
    "clock_not_moved_by_others": 400,
    "any_device_judges": 200,
    "orphans_stay": 200,
    "fork_forgotten": 100,
    "signature_not_checked": 100,
    "chain_not_checked": 100,
    "more_is_a_register": 60,
    "told_is_a_register": 60,
    "sums_forget_the_before": 60,
    "family_of_the_batch": 60,
    "parts_by_themselves": 60,
    "part_beside_its_line": 60,
    "void_takes_the_unseen": 400,
    "lifted_voids_count": 60,
    "one_more_is_not_there": 60,
    "kitchen_hears_no_notes": 60,
    "part_says_nothing_of_its_line": 60,
    "receipts_by_part": 60,
    "paid_is_paid": 60,
    "newest_receipt_is_the_sale": 60,
    "settled_takes_nothing": 60,
    "refunds_forgotten": 60,
    "refund_voids_nothing": 60,
    "told_by_the_sender": 60,
    "check_of_the_opener": 60,
    "thrown_is_told": 60,
    "thrown_is_still_there": 60,
    "nothing_is_withdrawn": 60,
    "made_whatever_is_told": 60,
    "sent_whatever_is_wanted": 60,
    "waste_is_what_is_withdrawn": 60,
    "gone_twice_is_gone_twice": 1000,
    "recalled_is_still_done": 60,
    "confirmed_is_not_told": 60,
    "one_more_for_everybody": 60,
    "part_keeps_a_copy": 200,
    "void_sees_nothing": 60,
    "typed_is_what_was_typed": 60,
    "plain_whatever_was_told": 60,
    "plain_at_any_price": 60,
    "plain_with_voids": 60,
    "all_on_one_check": 60,
    "refunds_are_no_sales": 60,
    "branch_not_judged": 200,
    "taken_id_not_judged": 200,
    "rules_not_judged": 200,
    "rights_not_judged": 200,
    "edits_not_judged": 200,
    "rights_void": 200,
}
"""Schedules of `run.HUNTING_MINUTES` by planted bug: a few times what it takes today, since any change of the code
makes other schedules of the same seeds."""

MUTANTS: dict[str, Callable[[], AbstractContextManager[None]]] = {
    name: getattr(module, name)
    for name in FOUND_WITHIN
    for module in (engine_mutants, history_mutants, rights_mutants, truth_mutants, command_mutants)
    if hasattr(module, name)
}
"""By name; see each function's first line."""
