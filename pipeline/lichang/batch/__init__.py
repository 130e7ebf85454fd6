"""Batch runs: inputs into a store, without loss, by as many workers as there are cores.

`lichang.batch.run.ingest` is the way in. Worker processes import `worker` alone, which does without a
database driver; so nothing is imported here.
"""
