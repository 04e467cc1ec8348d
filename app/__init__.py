"""The doors and the wires; knows frameworks, decides nothing."""
