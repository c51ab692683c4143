"""One module per generated page; each has `render() -> str`."""
