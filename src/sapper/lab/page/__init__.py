"""The HTML page of a lab run: one file without scripts or anything from elsewhere, fit to be mailed and printed."""
