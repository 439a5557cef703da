"""Countries and their currencies: all that differs by country and is no law of taxes. Tables and pure functions."""
