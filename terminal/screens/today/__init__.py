"""Today's sales of the branch, for whoever may see reports."""
