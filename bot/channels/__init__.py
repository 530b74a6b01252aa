"""The translators: provider bytes to Inbound, Outbound to provider call, provider answer to Receipt."""
