"""From DRF to Pydantic: any serializer as a schema, and back as a drop-in."""
