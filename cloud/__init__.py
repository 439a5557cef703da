"""The server: API, guests' pages, managers' pages, reports, jobs, integrations. One more replica, of all tenants."""
