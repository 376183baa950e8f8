"""What the lender wants: stages and treatments in words a person can read.

`parse` reads the file into the `model`, `lint` finds what can never happen, `stage` decides, `queue` orders calls.
"""
