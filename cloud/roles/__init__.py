"""The roles of an organization: what each may do, up to which amounts, and who has it."""
