"""The least that a Flask route can do: an article of 4 KB from memory, as JSON, for everybody."""

from flask import Flask, Response, jsonify

BODY = "天刚亮的时候街上没有人，光从楼与楼之间漏下来。" * 60
application = Flask(__name__)


@application.get("/article")
def article() -> Response:
    """The article."""
    return jsonify(title="清晨的街道", unlocked=True, html=BODY)
