"""What outlives a process: sessions and streams in Redis, cases in SQL, attachments on disk; all of it sealed."""
