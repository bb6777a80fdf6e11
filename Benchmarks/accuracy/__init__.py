"""Shows what a convolution algorithm's rounding does to training.

`runs` trains and samples with graphc, `images` reads pictures and draws real ones, `measures`
compares curves and pictures, `chart` draws the curves, and `report` writes the tables.
"""
