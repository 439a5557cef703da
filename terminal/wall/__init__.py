"""The kitchen's wall, the pass and the guests' numbers: what they read, how they sound, and what keeps them up."""
