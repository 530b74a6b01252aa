"""Programs that write data files; none of them runs in the service."""
