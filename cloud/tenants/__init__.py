"""Tenants: closing, suspending and opening them and their branches, plans, short names, and their pages."""
