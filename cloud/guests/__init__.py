"""Guests who order from their phones at the table: their pages, carts and orders, and the codes of tables."""
