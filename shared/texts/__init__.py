"""Sentences of the restaurant in Spanish and English."""
