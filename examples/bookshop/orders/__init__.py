"""Orders: one flow, called from the API, a command, a Celery worker and tests."""
