"""Which owner was lost last, so that the audit log tells a takeover from going on."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('jobs', '0003_sealed_values'),
    ]

    operations = [
        migrations.AddField(
            model_name='job',
            name='lost_fence',
            field=models.IntegerField(db_default=0, default=0),
        ),
    ]
