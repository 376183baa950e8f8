"""What proves a person besides their password: an app's codes, passkeys, and codes on paper for when both are lost."""

from django.db import models

from forbear.store.models.staff import Staff

#: totp: six digits from an app. passkey: a key in a device or a security key, which asks the person itself.
FACTOR_KINDS = ("totp", "passkey")


class Factor(models.Model):
    """One proof a person has. `secret` is an app's, sealed by the home's key; a passkey has a public key only."""

    staff = models.ForeignKey(Staff, on_delete=models.CASCADE, related_name="factors")
    kind = models.CharField(max_length=12, choices=[(kind, kind) for kind in FACTOR_KINDS])
    name = models.CharField(max_length=64)
    secret = models.CharField(max_length=200, blank=True)
    credential = models.CharField(max_length=1400, null=True, blank=True, unique=True)
    public_key = models.CharField(max_length=2000, blank=True)
    counted = models.BigIntegerField(
        default=0,
        help_text="An app's last step of 30 seconds, or a passkey's counter: nothing is taken twice",
    )
    made_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)


class RecoveryCode(models.Model):
    """A code on paper that works once. Only its digest, made with the home's key, is kept."""

    staff = models.ForeignKey(Staff, on_delete=models.CASCADE, related_name="recovery_codes")
    digest = models.CharField(max_length=64)
    made_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["staff", "digest"], name="recovery_code_once")]
