"""Programs for the people who build Tidegate: the house's own rules and the generated pages. Not installed."""
