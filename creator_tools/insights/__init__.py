"""Numbers for those who decide: revenue, timelines, proofs. Reads only."""
