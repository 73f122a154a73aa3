"""The wizard's logic, without a window."""
