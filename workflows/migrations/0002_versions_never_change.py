from django.db import migrations

from audit import triggers

TABLE = "workflows_workflowversion"


def create(apps, schema_editor):
    triggers.create(schema_editor.connection, TABLE)


def drop(apps, schema_editor):
    triggers.drop(schema_editor.connection, TABLE)


class Migration(migrations.Migration):
    dependencies = [("workflows", "0001_initial")]
    operations = [migrations.RunPython(create, drop)]
