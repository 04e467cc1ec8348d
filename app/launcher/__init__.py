"""Starts and stops everything that ./run shows, in order."""
