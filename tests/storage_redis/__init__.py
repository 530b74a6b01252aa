"""Keys, scripts and queues in a real Valkey."""
