"""``make drill``: from the classic clinic to the migrated one, unattended."""
