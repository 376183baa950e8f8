"""The columnar engine: the one room that imports DuckDB."""
