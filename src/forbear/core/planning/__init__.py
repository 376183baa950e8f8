"""What the permit gate will say of a strategy's steps, as far as it can be known when they are planned.

`step` is a planned step as the gate will be asked, `window` finds steps that no day lets pass, `known` makes of a rule
what can be asked of many planned steps at once.
"""
