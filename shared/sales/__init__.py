"""Sales: sums over receipts and payments, kept on every replica."""
