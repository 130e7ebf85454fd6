"""The way past one machine (extra ``ray``): the analysis as a plan of Ray Data.

`lichang.cluster.run.ingest` is the way in: files to articles (`sources`), copies among them (`near`), and the
rest to actors with a pipeline each, which write (`parquet`, `postgresql`). See docs/store.md.
"""
