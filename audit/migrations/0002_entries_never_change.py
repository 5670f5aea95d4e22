from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

from audit.triggers import create, drop


def _protect(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    create(schema_editor.connection, "audit_entry")


def _release(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    drop(schema_editor.connection, "audit_entry")


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial")]

    operations = [
        migrations.AlterModelTable(name="auditentry", table="audit_entry"),
        migrations.AddIndex(
            model_name="auditentry",
            index=models.Index(
                models.F("workspace"),
                models.F("id").desc(),
                name="audit_entry_checkpoint",
                condition=models.Q(action="audit.checkpoint"),
            ),
        ),
        migrations.RunPython(_protect, _release),
    ]
