"""Reading what people write: YAML with each mistake's line and column, and hints at what was meant."""
