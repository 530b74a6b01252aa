"""The law, pure: dated measures with their sources, and the assessment of one person's facts."""
