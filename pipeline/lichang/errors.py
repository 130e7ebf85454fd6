"""What can go wrong, by name. Every message says what, where, what was expected and what to do next."""


class LichangError(Exception):
    """Base of all errors that lichang raises on purpose; its text is fit to show to a user."""


class SourceError(LichangError):
    """An input could not be read: a missing path, an unknown format, an unwritable output."""


class LabelError(LichangError):
    """A label is not one of those that the guideline defines."""


class ModelError(LichangError):
    """A model folder is missing, damaged or of another version."""


class CorpusError(LichangError):
    """A corpus cannot be used: wrong columns, too little data, an unknown split."""
