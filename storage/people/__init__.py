"""Officers: their accounts, passwords, second factors and sessions. `storage.officers` is the door."""
