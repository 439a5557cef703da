"""What requests read again and again: kept in memory, and dropped by the hints of whoever changes it."""
