"""What is known of each type, in one class each."""
