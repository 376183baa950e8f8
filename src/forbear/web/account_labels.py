"""The words for accounts and programs: roles, second factors, keys, webhooks, where a setting comes from."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

ROLES = {
    "collector": _("Collector"),
    "lead": _("Lead"),
    "compliance": _("Compliance officer"),
    "analyst": _("Analyst"),
    "manager": _("Manager"),
    "legal": _("Legal"),
    "agency": _("Agency worker"),
    "visitor": _("Field visitor"),
    "auditor": _("Auditor"),
    "administrator": _("Administrator"),
}
PROOFS = {"totp": _("Authenticator app"), "passkey": _("Passkey"), "recovery": _("Recovery code"), "": "—"}
ACCOUNTS = {"works": _("Active account"), "locked": _("Locked"), "ended": pgettext_lazy("agreement", "Ended")}
#: What an account's history tells besides.
ACCESS_MORE = {
    "team": _("team"),
    "languages": _("languages"),
    "skills": _("stages"),
    "capacity": _("cases a day"),
    "certificate": _("certificate"),
    "certified_until": _("certificate valid until"),
    "line": _("line"),
    "own_telephone": _("own telephone"),
    "cares": _("trained for vulnerable customers"),
    "factor": _("second factor"),
    "codes": _("recovery codes"),
    "own_email": _("own e-mail address"),
    "change": _("what"),
    "first": _("beside the signature of"),
    "borrowers": _("borrowers"),
    "hands": _("whose account was opened by"),
    "proposed_by": _("proposed by"),
}
LANGUAGES = {"zh": _("Chinese"), "en": _("English"), "es": _("Spanish")}
#: What texts say of a lender, by the key in lender.yaml.
ENCLOSURES = {
    "arrears_sheet": _("Information sheet about arrears"),
    "default_sheet": _("Information sheet about default"),
}
CONTACT_LINES = {
    "phone": _("telephone"),
    "person": _("name of who answers calls back"),
    "address": _("address"),
    "regulator": _("where to complain to the regulator"),
    "bureau": _("credit bureau"),
    "court": _("court"),
}
#: What a program's key lets it do.
SCOPES = {
    "permits:ask": _("Ask for permits"),
    "contacts:read": _("Read contacts"),
    "contacts:write": _("Record contacts and outcomes"),
    "payments:write": _("Report payments"),
    "placements:read": _("Read placements"),
    "placements:write": _("Record work on placements"),
    "webhooks:manage": _("Register webhooks"),
}
HOOKS = {
    "account.changed": _("The account of one of your staff changed"),
    "account.signature_refused": _("A second signature did not count"),
    "contact.ended": _("A contact ended"),
    "evidence.sealed": _("A day of evidence was sealed"),
    "contact.refused": _("A contact was refused"),
    "due_date.moved": _("A due date moved"),
    "instruction.changed": _("An instruction was booked, contradicted or withdrawn"),
    "instruction.made": _("The loan system must book something"),
    "payment.recorded": _("A payment was recorded"),
    "personal_data.allowance_used": _("Somebody used up the day's allowance of personal data"),
    "placement.placed": _("A case was placed"),
    "placement.recalled": _("A case was recalled"),
    "reply.alarm": _("Somebody wrote of suicide or violence"),
    "reply.alarm_unseen": _("Nobody has seen to an alarm for 15 minutes"),
    "visit.alarm": _("A visitor's alarm"),
}
#: What waits for a second administrator, or was done to an account.
ACCOUNT_CHANGES = {
    "account": _("New account"),
    "role": _("Change of role"),
    "password": _("Temporary password"),
    "factors": _("Second factors reset"),
    "phone": _("Another telephone number"),
    "email": _("Another e-mail address"),
}
ACCOUNT_CHANGE_STATES = {
    "proposed": _("Waiting for approval"),
    "signed": _("Approved"),
    "declined": _("Declined"),
    "done": _("Done"),
}
ORIGINS = {"file": _("the file"), "default": _("default"), "environment": _("environment")}
#: What was done to an account or a key.
ACCESS = {
    "portal_opened": _("opened their own pages"),
    "made": _("Account made"),
    "changed": _("Work changed"),
    "role_proposed": _("Role proposed"),
    "role_changed": _("Role changed"),
    "role_declined": _("Role declined"),
    "locked": _("Account locked"),
    "unlocked": _("Account unlocked"),
    "ended": _("Account ended"),
    "sessions_ended": _("Signed out everywhere"),
    "password_given": _("Temporary password created"),
    "password_changed": _("Password changed"),
    "factor_added": _("Second factor added"),
    "factor_removed": _("Second factor removed"),
    "factors_reset": _("All second factors reset"),
    "change_proposed": _("Change proposed"),
    "change_declined": _("Change declined"),
    "change_objected": _("The person objected to a change"),
    "contact_changed": _("Contact details changed"),
    "unmask_allowance_used": _("Wanted to see more personal data than the day allows"),
    "signature_refused": _("Second signature refused"),
    "codes_made": _("Recovery codes made"),
    "recovery_used": _("Recovery code used"),
    "sso_bound": _("Linked to the company account"),
    "key_made": _("Key made"),
    "key_ended": _("Key ended"),
    "webhook_ended": _("Webhook ended"),
}
