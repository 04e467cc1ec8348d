"""The control API under /_sim/: people, their doings, faults, time and books."""
