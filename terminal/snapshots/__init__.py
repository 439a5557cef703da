"""What screens read: one immutable value, kept anew after commits that touched its tables. No Textual."""
