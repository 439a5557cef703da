"""Receipts of the past: found, shown as they were printed, printed again, refunded."""
