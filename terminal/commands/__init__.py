"""The command lines of the device, imported when they run."""
