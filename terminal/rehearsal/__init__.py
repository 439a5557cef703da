"""Rehearsal: drive real tills with a file of past sales.

What lives here reads somebody else's file of past sales into plain values (`past_sales`) by a mapping (`mapping`).
What does not: the tills themselves, their commands and the command line.
"""
