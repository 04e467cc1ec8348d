"""Figures of the hot paths, as ratios to the least that could be done in the same run."""
