from django.db import migrations, models

from common.canonical import sha256_hex


def fill(apps, schema_editor):
    """Until now every draft was kept in its canonical form, so the digest of its text is that of its meaning."""
    workflows = apps.get_model("workflows", "Workflow").objects.using(schema_editor.connection.alias)
    rows = workflows.select_related("active_version").only("draft", "active_version__definition")
    for workflow in rows.iterator(chunk_size=100):
        workflow.draft_digest = sha256_hex(workflow.draft)
        if workflow.active_version is not None:
            workflow.active_digest = sha256_hex(workflow.active_version.definition)
        workflow.save(update_fields=["draft_digest", "active_digest"])


class Migration(migrations.Migration):
    dependencies = [("workflows", "0003_draft_saves")]
    operations = [
        migrations.AddField(
            "workflow", "draft_digest", models.CharField(max_length=71, default="", db_default="")
        ),
        migrations.AddField(
            "workflow", "active_digest", models.CharField(max_length=71, default="", db_default="")
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
