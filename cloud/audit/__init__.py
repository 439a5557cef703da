"""Who did what, when and from where: the change log for the restaurant's rows, linked events for the rest."""
