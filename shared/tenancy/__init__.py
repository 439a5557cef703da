"""Tenants, their branches and their devices."""
