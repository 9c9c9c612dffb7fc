"""From a payload to validated data."""
