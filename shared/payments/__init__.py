"""Checks, tenders, payments and receipts."""
