"""Results of other tools: read, checked, and kept without the values of secrets."""
