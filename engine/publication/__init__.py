"""Publication: what of the results an audience may see, decided before anything is laid out."""
