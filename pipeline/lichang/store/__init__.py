"""The database behind batch runs and the review page: SQLite by default, PostgreSQL beside it.

`lichang.store.open` is the way in. Worker processes only use `rows` and `words`, which do without a
database driver; so nothing is imported here.
"""
