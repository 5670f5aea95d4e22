"""The Builder: how people edit the draft of a workflow.

`nodes` cuts a definition into parts that have one form each, `edits` changes it, `controls` shows a part as a form and
`answers` reads it back, `outline` lists all parts. All of it works on JSON of any shape: a draft may be unfinished.
"""
