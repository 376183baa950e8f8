"""The visitors' phones: a page that is installed, works without a network, and tells later what happened."""
