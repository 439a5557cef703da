"""Cash drawers, their sessions and the money that goes in and out of them besides sales."""
