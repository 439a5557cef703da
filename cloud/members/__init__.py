"""The people of an organization: staff with role and branches, and the accounts by which they log in here."""
