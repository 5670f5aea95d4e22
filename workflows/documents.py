"""The documents of a file or a text that a person gives: YAML, or JSON, which may list several as `workflows`."""

from common.api.bodies import loads_strictly
from common.canonical import Json
from common.errors import FieldError, Problem
from workflows.definition.yaml_text import load_documents


def documents_in(text: str) -> list[Json]:
    """The documents of a text that may be JSON or YAML. Raises `YamlError` with the line; `Problem` 422 where
    `workflows` is no list.
    """
    if text.lstrip().startswith("{"):
        try:
            return listed_in(loads_strictly(text))
        except Problem as problem:
            if problem.status == 422:
                raise
    documents = load_documents(text)
    return listed_in(documents[0]) if len(documents) == 1 else documents


def listed_in(body: Json) -> list[Json]:
    """What `{"workflows": […]}` lists; anything else is one document. `Problem` 422 where it is no list."""
    if isinstance(body, dict) and set(body) == {"workflows"}:
        listed = body["workflows"]
        if isinstance(listed, list):
            return listed
        message = "expected a list of workflows"
        wrong = FieldError(path="workflows", code="wrong_type", message=message)
        raise Problem(422, "invalid", "The workflows are not a list.", errors=[wrong])
    return [body]
