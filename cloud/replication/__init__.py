"""The cloud as a replica: it stores what devices wrote, judges and folds it, and sends each device what it misses."""
