"""Who is to come, and who waits at the door: reservations and the waiting list."""
