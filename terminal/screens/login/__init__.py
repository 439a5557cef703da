"""The log-in: who is at the device? Also what there is to know before anybody is: where this is, and how it stands."""
