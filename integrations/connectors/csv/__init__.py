"""Tables as text: `csv.read` and `csv.write`."""

from integrations.actions import Action
from integrations.connectors.csv import read, write

ACTIONS = (
    Action(
        type="csv.read",
        version=1,
        catalogue=1,
        title="Read a CSV file",
        description="Gives the rows of a CSV file as objects by column name.",
        config_schema=read.CONFIG_SCHEMA,
        output_schema=read.OUTPUT_SCHEMA,
        run=read.run,
        idempotent=lambda _config: True,
    ),
    Action(
        type="csv.write",
        version=1,
        catalogue=1,
        title="Write a CSV file",
        description="Makes a CSV file of rows. Cells that a spreadsheet would run as formulas are quoted.",
        config_schema=write.CONFIG_SCHEMA,
        output_schema=write.OUTPUT_SCHEMA,
        run=write.run,
        idempotent=lambda _config: True,
    ),
)
