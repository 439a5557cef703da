"""What a guest reads on a display of their own: the till writes it down, `comanda display` shows it."""
