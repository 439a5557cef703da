"""What guests see of their orders while they wait: numbers that are being prepared, and numbers that are ready."""
