"""Tests of mousegate.core."""
