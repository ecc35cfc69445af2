"""What learns: networks, their data, and the tasks that train them. Everything here needs torch; nothing else does."""
