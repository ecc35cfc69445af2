"""What a recording shows, from its diagnostic codes or from a table of labels."""
