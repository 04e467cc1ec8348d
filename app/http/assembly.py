"""Every door of the house, hung on one application."""

from flask import Flask

from app.http.callback_door import CallbackDoor
from app.http.factory import create_app
from app.http.metrics import Metrics
from app.http.operator import desk
from app.http.payment_door import PaymentDoor
from app.http.payment_notification import blueprint as payment_notifications
from app.http.read_door import ReadDoor
from app.http.request_body import ReadingToTheEnd
from app.http.studio import door as studio
from app.http.wechat_callback import blueprint as wechat_callbacks
from app.wiring.container import Wiring


def build_application(wiring: Wiring) -> Flask:
    """The whole web application over one wiring."""
    counters = Metrics()
    app = create_app(
        wiring,
        blueprints=(wechat_callbacks(wiring.callbacks), payment_notifications(wiring.payments)),
        counters=counters,
    )
    desk.register(app, wiring)
    studio.register(app, wiring)
    # Flask's own extension point for what must happen around a request, and before it.
    readings = ReadDoor(ReadingToTheEnd(app.wsgi_app), wiring, counters)
    payments = PaymentDoor(
        readings,
        wiring.payments,
        counters=counters,
        networks=wiring.trusted_proxies,
        public_base_url=wiring.public_base_url,
    )
    app.wsgi_app = CallbackDoor(  # type: ignore[method-assign]
        payments,
        wiring.callbacks,
        counters=counters,
        networks=wiring.trusted_proxies,
        public_base_url=wiring.public_base_url,
    )
    return app
