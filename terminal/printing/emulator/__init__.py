"""A printer on this machine that reads the published command set and can misbehave on request."""
