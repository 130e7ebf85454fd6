"""lichang (立场): stance, claims and figures from Chinese commentary on the AI chip debate."""

__version__ = "0.1.0"
