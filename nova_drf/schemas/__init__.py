"""``Schema``: Pydantic models with DRF's semantics."""
