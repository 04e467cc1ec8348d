"""What a web server is pointed at: `app.http.wsgi:application`."""

from app.http.factory import create_app
from app.http.payment_notification import blueprint as payment_notifications
from app.http.wechat_callback import blueprint as wechat_callbacks
from app.wiring.container import Process, open_wiring
from config.logging import configure_logging, register_secret
from config.settings import Settings, process_environment

_settings = Settings.from_env(process_environment())
configure_logging()
for _secret in _settings.secrets():
    register_secret(_secret)
_wiring = open_wiring(_settings, Process("web", pool_size=12))

application = create_app(
    _wiring,
    blueprints=(wechat_callbacks(_wiring.callbacks), payment_notifications(_wiring.payments)),
)
