"""The queue's own tables: what is searched, saved views."""
