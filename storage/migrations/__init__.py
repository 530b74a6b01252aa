"""The history of the tables, a step a file under versions/. `storage.migrate` runs it."""
