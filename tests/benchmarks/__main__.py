"""`python -m tests.benchmarks [NAME ...]`: measure, print figures with their yardsticks; exit 1 if a goal is missed."""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path

NAMES = (
    "push",
    "catch_up",
    "cloud_sale",
    "crowd",
    "row_security",
    "fold",
    "idle",
    "foreign_sale",
    "log_length",
    "schedules",
    "sockets",
    "guesses",
    "sale",
    "near",
    "finding",
    "big_menu",
    "repaint",
    "wall",
    "kitchen",
    "floor",
    "screens",
    "start",
    "takeover",
    "printing",
    "sealed",
    "families",
    "z_report",
    "today",
    "api_lists",
    "api_orders",
)


def main() -> int:
    """Run the named benchmarks, or all of them."""
    sys.path.insert(0, str(Path(__file__).parents[1]))  # as pytest does: tests import `restaurant` by its own name
    unknown = set(sys.argv[1:]) - set(NAMES)
    if unknown:
        print(f"unknown: {', '.join(sorted(unknown))}; there are {', '.join(NAMES)}", file=sys.stderr)
        return 2
    missed = 0
    for name in sys.argv[1:] or NAMES:
        print(f"{name}:", flush=True)
        for figure in import_module(f"tests.benchmarks.{name}").figures():
            print(figure, flush=True)
            missed += not figure.met
    return int(missed > 0)


if __name__ == "__main__":
    sys.exit(main())
