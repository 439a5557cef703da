"""Rehearsal: drive real tills with a file of past sales.

This room reads a file of past sales into plain values (`past_sales`) by a mapping (`mapping`), and sells them again on
tills. The tills themselves and their commands live elsewhere.
"""
