"""What never stops: supervised duties, who owns those of a device's folder, and what is tried before opening."""
