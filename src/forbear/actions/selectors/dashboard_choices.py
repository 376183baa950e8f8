"""What a dashboard can be narrowed to: the products, creditors, stages, agencies and teams there are."""

from django.conf import settings

from forbear.store.models import Agency, Case, Loan, Staff


def dashboard_choices() -> dict[str, list[tuple[str, str]]]:
    """By filter its values with what is shown of each, agencies by both names."""
    products = Loan.objects.order_by("product").values_list("product", flat=True).distinct()
    stages = Case.objects.filter(closed_on=None).order_by("stage").values_list("stage", flat=True).distinct()
    teams = Staff.objects.exclude(team="").order_by("team").values_list("team", flat=True).distinct()
    agencies = Agency.objects.filter(state__in=("admitted", "suspended", "ended")).order_by("code")
    return {
        "product": [(name, name) for name in products],
        "creditor": [(one.codes[0], " ".join(dict.fromkeys(one.names))) for one in settings.HOME.creditors],
        "stage": [(name, name) for name in stages if name],
        "agency": [(row.code, f"{row.name_zh} {row.name_en}") for row in agencies],
        "team": [(name, name) for name in teams],
    }
