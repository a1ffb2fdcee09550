"""The catalogue: what an education department declares, from YAML to frozen objects."""
