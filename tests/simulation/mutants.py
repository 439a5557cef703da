"""Planted bugs."""
MUTANTS = {}
