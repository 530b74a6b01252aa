"""Other programs at the desk: keys, webhooks and their deliveries."""
