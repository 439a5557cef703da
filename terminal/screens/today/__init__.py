"""Today's sales of the branch, for people who may see reports."""
