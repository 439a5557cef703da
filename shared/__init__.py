"""The restaurant, written once for devices and the cloud: records, rules, commands, queries."""
