"""Classes of a recording, from its diagnostic codes or from a table of labels."""
