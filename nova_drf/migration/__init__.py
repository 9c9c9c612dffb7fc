"""Tools for moving one step at a time, and for proving each step."""
