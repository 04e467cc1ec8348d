"""What a CSV file of ours needs so that a spreadsheet reads it as it was meant."""

# Excel tells UTF-8 by this mark at the beginning.
BYTE_ORDER_MARK = "\ufeff"
# A spreadsheet takes a cell that begins with one of these for a formula.
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def guarded(text: str) -> str:
    """Words that people wrote, as a cell that no spreadsheet computes."""
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text
