"""Founding an organization with its whole restaurant from one file, a plan."""
