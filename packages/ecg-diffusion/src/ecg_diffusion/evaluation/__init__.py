"""Whether synthetic pictures help a classifier, and what they are like."""
