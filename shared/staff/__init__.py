"""Who works here, and how they prove it at a device."""
