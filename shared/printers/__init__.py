"""The printers of a branch, what they print, and papers that another device asks a printer's own device for."""
