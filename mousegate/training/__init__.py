"""Offline only: data sets, network, training, export, evaluation, report."""
