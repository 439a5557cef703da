"""How a device is enrolled: by a pairing code once, then it proves its own key for each token of 15 minutes."""
