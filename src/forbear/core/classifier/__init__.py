"""A second reader: how much a text looks like known ones, by tables of weights made beforehand."""
