"""Training: what `lichang train` runs. Nothing here is imported when articles are analysed."""
