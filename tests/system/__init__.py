"""Tests with the real service managers of a machine."""
