"""What makes one catalogue's numbers others than another's: changed definitions, changed numbers.

catalogue, results ─┐
                    ├─ definitions by id, renamed ids paired ─▶ changes of aspects ─┐
catalogue, results ─┘                                                               ├─▶ Differences
                       rows of the same indicator × level × place × year ─▶ changes ┘
"""
