"""Benchmarks: the night beside reading, a compiled kernel and an ORM loop, all in one run.

Only ratios between tasks of one run mean anything: machines differ, and so do days on one machine. So the
tasks take turns (A B C A B C ...), each measured in a process of its own, and where two tasks compute the
same thing their results must be equal to the cent, or there is no table.
"""
