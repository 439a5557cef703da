"""Staff: the PINs that tills set are taken over for the person everywhere."""
