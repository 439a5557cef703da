"""The ledgers of all domains together: what is kept over them, and what screens show of an order."""
