"""Tests of how a home's settings become Django's."""
