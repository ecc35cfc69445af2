"""What happens to a page after it is printed: functions ``(page, seed) -> page``, one a file, and their parts."""
