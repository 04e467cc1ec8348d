"""What a web server is pointed at: `app.http.wsgi:application`."""

from app.http.assembly import build_application
from app.wiring.container import Process, open_wiring
from config.logging import configure_logging, register_secret
from config.settings import Settings, process_environment

_settings = Settings.from_env(process_environment())
configure_logging()
for _secret in _settings.secrets():
    register_secret(_secret)

application = build_application(open_wiring(_settings, Process("web", pool_size=12)))
