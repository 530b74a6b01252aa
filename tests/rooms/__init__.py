"""The rooms: reader, sender, clerk, timers and what joins them, on a real Valkey."""
