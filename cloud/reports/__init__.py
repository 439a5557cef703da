"""Sales reports: the API that reads the sums of sales, and the managers' page."""
