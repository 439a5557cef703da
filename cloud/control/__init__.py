"""The control plane: organizations, accounts, pairings and keys of devices, read before the tenant is known."""
