"""The log-in screen: a PIN pad, the branch, and the state of the device."""
