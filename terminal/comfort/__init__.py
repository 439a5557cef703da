"""What makes a till pleasant for the person at it, as this device keeps it: colours, size of figures, sounds, signs."""
