"""What was read put together into a record, weighed and judged."""
