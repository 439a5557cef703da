"""What people must look at: events that somebody or something caused, and the notes that settle them."""
