"""What the rules say: may this contact leave now, and if not, from when?

`pack` reads a rule pack, `rules` are its values, `decision` asks every rule, `earliest` finds the first moment at which
none refuses, `permit` is the proof that a channel accepts.
"""
