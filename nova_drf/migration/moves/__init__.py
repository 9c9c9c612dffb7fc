"""One endpoint at a time: convert, compare, put a switch in, and say what is left."""
