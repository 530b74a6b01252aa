"""The API for agencies' own programs, /api/v1. `door.routes` is its door, `table.TABLE` all that it can do."""
