"""From an object to primitives."""
