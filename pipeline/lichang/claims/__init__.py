"""Who asserts what: holders, cues and quotations of the claims in an article."""

from lichang.claims.find import find_claims

__all__ = ["find_claims"]
