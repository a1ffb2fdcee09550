"""Writing a new catalogue: from nothing, from another catalogue, from the table of an order."""
