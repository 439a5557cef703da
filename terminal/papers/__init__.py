"""What goes on paper, and the units of work that queue it together with what it says. No printer, no bytes."""
