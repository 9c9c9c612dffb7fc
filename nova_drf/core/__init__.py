"""What everything else is built on: core schemas, ownership, concurrency, settings."""
