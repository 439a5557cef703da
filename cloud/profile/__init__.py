"""A person's own profile: language, password, second factor, and where they are logged in."""
