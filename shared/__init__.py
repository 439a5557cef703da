"""The restaurant itself, written once and run on devices and on the cloud: records, rules, commands, queries."""
