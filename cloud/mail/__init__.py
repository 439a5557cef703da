"""Mails: the port by which they leave, one frame for all of them, and the folder in which a demo shows them."""
