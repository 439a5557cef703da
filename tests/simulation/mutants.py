"""Planted bugs."""

MUTANTS = {}
