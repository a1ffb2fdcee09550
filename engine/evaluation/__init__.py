"""Planning, running and judging: a catalogue over data gives results, and their proof."""
