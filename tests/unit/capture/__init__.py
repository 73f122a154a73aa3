"""Tests of mousegate.capture."""
