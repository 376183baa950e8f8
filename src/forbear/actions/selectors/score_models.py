"""Models of scores in every state."""

from django.db.models import QuerySet

from forbear.store.models import ScoreModel


def score_models() -> QuerySet[ScoreModel]:
    """All models with who proposed and decided on them, the newest first."""
    return ScoreModel.objects.select_related("proposed_by", "decided_by").order_by("-trained_at", "-pk")


def score_model(model_id: int) -> ScoreModel | None:
    """One of them."""
    return score_models().filter(pk=model_id).first()
