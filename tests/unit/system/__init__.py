"""Tests of login with the signature, switched on and off."""
