"""The golden set: reports and what becomes of them, each checked by hand, with the reason in a sentence."""
