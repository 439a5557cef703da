"""The change log and how replicas converge. Knows records only by their declared merge policy."""
