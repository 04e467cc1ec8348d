"""Money, time, failure and atomicity: the grammar of the business. Closed to visitors."""
