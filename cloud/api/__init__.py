"""What programs read of a restaurant, over its tables; and the document that says so."""
