"""The fast world: the simulator's borrowers and their behaviour in columns, for trying policies over many years.

The real world stays the proof of what is lawful; here only what the permit gate would refuse by the day is kept.
"""
