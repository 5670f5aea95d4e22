"""Parts of a definition as forms: an editor for each kind of value shows it and reads it back.

What a person did not touch keeps its value, whatever it is. What cannot be read as what it should be is kept as the
text that was typed, and the checks say what is wrong with it: saving an unfinished draft never fails.
"""
