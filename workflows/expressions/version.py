"""The number of the expression language.

It is written into the manifest of every version. A change that gives an expression of an older version another
value needs a new number, and the old meaning stays while a version that can still run names it.
"""

EXPRESSION_LANGUAGE_VERSION = 1

CATALOGUE = 1
"""The catalogue number of the language: a worker whose own number is lower than a version's `needs` leaves its jobs
to a newer worker. It rises whenever a function is added or `EXPRESSION_LANGUAGE_VERSION` changes.
"""
