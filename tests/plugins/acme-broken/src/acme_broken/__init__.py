"""One plugin for each way to be broken."""
