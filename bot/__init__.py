"""Everything that touches the network: web, reader, sender, clerk, timers, and the wiring between them."""
