"""Taxes: categories, their dated rates, and what a bill's amounts contain and bear."""
