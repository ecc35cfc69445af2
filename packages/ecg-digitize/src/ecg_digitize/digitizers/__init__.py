"""What reads a page: digitizers, each a plugin, and what they share."""
