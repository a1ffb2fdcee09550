"""Templates and charts that did not ship, run in processes with limits."""
