"""Which owner was lost last, so that the audit log tells a takeover from going on."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('jobs', '0005_lists_show_inputs_and_find_by_more'),
    ]

    operations = [
        migrations.AddField(
            model_name='job',
            name='lost_fence',
            field=models.IntegerField(db_default=0, default=0),
        ),
    ]
