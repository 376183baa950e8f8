"""The benchmarks themselves: that they measure what they say, and never how fast."""
