"""The printers: what each one says, and the papers about which only a person can say whether they came out."""
