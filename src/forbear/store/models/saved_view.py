"""What people keep of a list: its filters, order and columns under a name."""

from django.db import models

from forbear.store.models.staff import Staff


class SavedView(models.Model):
    """An address of a list under a name. With `team` everybody of that team finds it; `is_default` is its owner's."""

    staff = models.ForeignKey(Staff, on_delete=models.CASCADE, related_name="saved_views", db_index=False)
    listing = models.CharField(max_length=32)
    name = models.CharField(max_length=60)
    query = models.CharField(max_length=2_000, blank=True, help_text="What stands behind ? in the address")
    team = models.CharField(max_length=64, blank=True)
    is_default = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["staff", "listing", "name"], name="saved_view_once"),
            models.UniqueConstraint(
                fields=["staff", "listing"], condition=models.Q(is_default=True), name="one_default_view"
            ),
        ]
        indexes = [models.Index(fields=["team", "listing"], condition=~models.Q(team=""), name="team_views")]
