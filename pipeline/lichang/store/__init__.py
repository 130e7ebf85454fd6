"""The database behind batch runs and the review page: SQLite by default, PostgreSQL beside it."""

from lichang.store.open import Store, StoreError, open_store

__all__ = ["Store", "StoreError", "open_store"]
