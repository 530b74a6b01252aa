"""Cases in SQL, one question to the database a file. `storage.cases.Cases` is the door; nobody else looks in here."""
