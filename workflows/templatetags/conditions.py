"""Filters of the forms that edit expressions."""

from django import template

from workflows.builder import conditions

register = template.Library()


@register.filter
def condition(expression: str) -> conditions.Condition | None:
    """The rows of an expression; None where rows cannot say it."""
    return conditions.read(expression)
