"""How a device is let in: a pairing code once, then its own key every quarter of an hour."""
