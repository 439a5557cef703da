"""The cloud as a replica: it takes in what devices wrote, judges it, folds it, and hands each device what it misses."""
