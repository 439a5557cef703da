"""The floor: tables by space, orders to take away, and everything that is open."""
