"""How printers are, and what was heard of the devices of the branch, for people who may see reports."""
