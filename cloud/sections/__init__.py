"""Which tables each waiter serves: the page of sections."""
