"""TODO describe this room."""
