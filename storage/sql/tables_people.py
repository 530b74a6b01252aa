"""Who works at the desk and what they did: recovery codes, the audit chain."""
