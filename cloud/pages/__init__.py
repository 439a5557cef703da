"""What all pages for people share: the frame around them, rendering, the stylesheet."""
