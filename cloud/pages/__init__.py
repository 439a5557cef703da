"""What all pages for people share: the frame around them, how they are rendered, their one stylesheet."""
