"""The language of conditions: text to a checked tree, and the tree to SQL and to Python.

`words` cuts the text, `shape` and `types` check it, `to_sql` and `to_python` translate it; both mean the same.
"""
