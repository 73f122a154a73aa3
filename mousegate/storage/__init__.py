"""What is kept: references, decisions, recovery codes, configuration, paths."""
