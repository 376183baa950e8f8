"""The evidence log: events, their hashes, bundles that anybody can verify offline, and how long they stay."""
