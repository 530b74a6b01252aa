"""Officers' work on cases: referrals, links, phrases, mentions, who looks at what."""
