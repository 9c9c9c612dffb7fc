"""What a field means: one neutral description between Pydantic's core schemas and DRF's fields."""
