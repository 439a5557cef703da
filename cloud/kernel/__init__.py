"""What every folder of the cloud needs: problem details, the clock, limits."""
