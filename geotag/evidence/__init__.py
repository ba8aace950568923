"""What speaks for a place (words, neighbours, the picture's distribution), and how it becomes one answer."""
