"""What the ledgers say, compared: portions ordered, told, made, covered and given back. Pure, and the sums over it."""
