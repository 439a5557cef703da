"""Handing over: what is paid and not in the guest's hands yet."""
