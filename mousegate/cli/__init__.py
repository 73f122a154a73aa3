"""The mousegate command, one file per command group."""
