"""The lender's own folder: settings, keys, packs, strategies and texts."""
