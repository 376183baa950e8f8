"""The demo's own till: a page on this site where nothing is really paid."""
