"""The doors that time and the broker open: Celery tasks and sweeps."""
