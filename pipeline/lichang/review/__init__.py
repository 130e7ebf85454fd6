"""The analyst's page: read an article, trace each claim and figure to its words, accept or correct them.

`app.create_app` builds it over a store; `lichang.store.judged` lays people's decisions over what the pipeline wrote.
"""
