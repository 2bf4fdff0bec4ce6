"""Duplicates: contacts that are probably one person, found in the whole directory, judged by people, merged in batches.

`scan.py` finds them (`bulk.py` compares, `grouping.py` groups), `review.py` puts them before people and remembers what
they say, `batch.py` merges them one by one through `merging/desk.py` and takes a batch back.
"""
