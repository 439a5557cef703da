"""Orders by API: a program places one, and reads how far it is. Staff see and send it on their devices."""
