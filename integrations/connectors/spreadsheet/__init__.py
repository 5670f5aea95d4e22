"""Excel workbooks (.xlsx): `spreadsheet.read` and `spreadsheet.write`."""

from integrations.actions import Action
from integrations.connectors.spreadsheet import read, write

ACTIONS = (
    Action(
        type="spreadsheet.read",
        version=1,
        catalogue=1,
        title="Read a workbook",
        description="Gives the rows of one sheet of an Excel workbook as objects by column name.",
        config_schema=read.CONFIG_SCHEMA,
        output_schema=read.OUTPUT_SCHEMA,
        run=read.run,
        idempotent=lambda _config: True,
    ),
    Action(
        type="spreadsheet.write",
        version=1,
        catalogue=1,
        title="Write a workbook",
        description="Makes an Excel workbook of one or more sheets. Texts stay texts, never formulas.",
        config_schema=write.CONFIG_SCHEMA,
        output_schema=write.OUTPUT_SCHEMA,
        run=write.run,
        idempotent=lambda _config: True,
    ),
)
