"""For the machines that watch: is this process alive, is it ready, and the figures an operator is woken for."""

import errno
import hmac
import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from django.conf import settings
from django.http import Http404, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily

from forbear.interchange.home.packs import rulebook
from forbear.interchange.home.policy import policy
from forbear.interchange.home.texts import templates
from forbear.store.health import failing, gauges
from forbear.web import clock
from forbear.web.request import Request

#: The key that a scraper shows as `Authorization: Bearer ...`; without one there are no metrics.
TOKEN = "FORBEAR_METRICS_TOKEN"
#: With less free space, in bytes, a night or a backup may not fit any more.
LEAST_FREE = 256 * 1024 * 1024


@require_safe
def live(request: Request) -> HttpResponse:
    """The process answers; nothing else is asked."""
    return JsonResponse({"live": True})


@require_safe
def ready(request: Request) -> HttpResponse:
    """Whether requests can be served: the database takes writes, the disk has room, the home's files can be read; 503
    with what is not.
    """
    home = settings.HOME
    checks: dict[str, Callable[[], object]] = {
        "disk": lambda: check_disk(home.folder / "data"),
        "packs": lambda: rulebook(home),
        "policy": lambda: policy(home),
        "templates": lambda: templates(home),
    }
    lacking = failing(request.now, checks)
    return JsonResponse({"ready": not lacking, "failing": lacking}, status=503 if lacking else 200)


def check_disk(folder: Path) -> None:
    """Raise OSError when the home's disk is nearly full, or a file can't be written there."""
    if shutil.disk_usage(folder).free < LEAST_FREE:
        raise OSError(errno.ENOSPC, "less than 256 MB are free")
    with tempfile.TemporaryFile(dir=folder) as probe:
        probe.write(b"ready")
        probe.flush()
        os.fsync(probe.fileno())


class _Figures:
    """Reads the figures when they are asked for, so that every process tells the same."""

    def collect(self) -> list[GaugeMetricFamily]:
        """One family for each figure."""
        found = []
        for gauge in gauges(clock.now()):
            family = GaugeMetricFamily(
                f"forbear_{gauge.name}", gauge.means, labels=[gauge.label] if gauge.label else None
            )
            for label, value in gauge.values.items():
                family.add_metric([label] if gauge.label else [], value)
            found.append(family)
        return found


@require_safe
def metrics(request: Request) -> HttpResponse:
    """The figures for Prometheus; without a key the page doesn't exist."""
    token = os.environ.get(TOKEN, "")
    shown = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if not token or not hmac.compare_digest(shown.encode(), token.encode()):
        raise Http404
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Figures())
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)
