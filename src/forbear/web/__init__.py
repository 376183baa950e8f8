"""Pages and interfaces, by who reads them."""
