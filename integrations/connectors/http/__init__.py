"""Any HTTP service: `http.request`."""

from integrations.actions import Action
from integrations.connectors.http.request import idempotent, run, would_send
from integrations.connectors.http.schema import CONFIG_SCHEMA, OUTPUT_SCHEMA

ACTIONS = (
    Action(
        type="http.request",
        version=1,
        catalogue=1,
        title="HTTP request",
        description="Calls a URL and gives status, headers and body of the answer.",
        config_schema=CONFIG_SCHEMA,
        output_schema=OUTPUT_SCHEMA,
        run=run,
        idempotent=idempotent,
        would_send=would_send,
    ),
)
