"""Guests who order from their phones at the table: what they want, and what the branch says to it.

A guest's order is a proposal that the cloud writes. It becomes lines and tickets when a device of the branch accepts
it, under ids that follow from it: several that accept are one.
"""
