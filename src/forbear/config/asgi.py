"""What a web server runs: `uvicorn forbear.config.asgi:application`."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "forbear.config.settings")
application = get_asgi_application()
