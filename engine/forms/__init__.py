"""Forms out to the places that fill them, and what comes back."""
