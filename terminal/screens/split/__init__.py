"""Splitting a check on the payment screen: in equal parts, by an amount, by what was eaten."""
