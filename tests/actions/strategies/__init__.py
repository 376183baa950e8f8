"""Tests of strategies, packs, and going live."""
