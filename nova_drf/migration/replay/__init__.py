"""Traffic that was recorded, sent to the old code and to the new."""
