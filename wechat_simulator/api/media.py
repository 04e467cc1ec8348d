"""Temporary files, pictures for articles, and fetching what people sent."""

from typing import Any
from urllib.parse import quote

from wechat_simulator import chance
from wechat_simulator.api.entry import Call, serve, serve_open
from wechat_simulator.api.refusals import Refused
from wechat_simulator.entities import Media
from wechat_simulator.routes import MP, Request, Response, Router, json_response
from wechat_simulator.world import World

LIVES_S = 3 * 86400
LIMITS = {"image": 10 << 20, "voice": 2 << 20, "video": 10 << 20, "thumb": 64 << 10}
ENDINGS = {
    "image": ("png", "jpg", "jpeg", "gif", "bmp"),
    "voice": ("amr", "mp3"),
    "video": ("mp4",),
    "thumb": ("jpg", "jpeg"),
}
TYPES = {
    "png": "image/png",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "gif": "image/gif",
    "bmp": "image/bmp",
    "amr": "audio/amr",
    "mp3": "audio/mp3",
    "mp4": "video/mp4",
}


def register(router: Router, world: World) -> None:
    """Serve media upload, get, uploadimg, permanent material, and the pictures' addresses."""
    serve(router, world, "POST", "/cgi-bin/media/upload", upload, quota=100_000)
    serve(router, world, "GET", "/cgi-bin/media/get", get, quota=200_000)
    serve(router, world, "POST", "/cgi-bin/media/uploadimg", upload_image)
    serve(router, world, "POST", "/cgi-bin/material/add_material", add_material)
    serve_open(router, world, "GET", "/mmbiz/{media_id}", picture, host=MP)


def upload(call: Call) -> dict[str, Any]:
    """Keep a temporary file for three days."""
    kind = call.request.query.get("type", "")
    media = _take(call, kind, call.world.clock.now() + LIVES_S)
    name = "thumb_media_id" if kind == "thumb" else "media_id"
    return {"type": kind, name: media.media_id, "created_at": int(media.created_at)}


def add_material(call: Call) -> dict[str, Any]:
    """Keep a permanent file."""
    kind = call.request.query.get("type", "")
    media = _take(call, kind, float("inf"))
    answer: dict[str, Any] = {"media_id": media.media_id}
    if kind == "image":
        answer["url"] = address(call.world, media)
    return answer


def upload_image(call: Call) -> dict[str, Any]:
    """Keep a picture for use inside articles."""
    media = _take(call, "image", float("inf"), most=1 << 20)
    return {"url": address(call.world, media)}


def get(call: Call) -> Response:
    """The bytes of a temporary file; a video as an address."""
    media_id = call.request.query.get("media_id", "")
    if not media_id:
        raise Refused(41006)
    media = call.world.things.media.get(media_id)
    if media is None or media.appid != call.account.appid or _gone(call.world, media):
        raise Refused(40007)
    if media.kind == "video":
        return json_response({"video_url": address(call.world, media)})
    return Response(
        200,
        media.content,
        {
            "Content-Type": media.content_type,
            "Content-disposition": f'attachment; filename="{quote(media.filename)}"',
        },
    )


def picture(world: World, request: Request) -> Response:
    """A file under its public address."""
    media = world.things.media.get(request.params["media_id"])
    if media is None or _gone(world, media):
        return Response(404)
    return Response(200, media.content, {"Content-Type": media.content_type})


def address(world: World, media: Media) -> str:
    """The public address of a file."""
    return f"{world.public_url}/mmbiz/{media.media_id}"


def keep(
    world: World,
    appid: str,
    kind: str,
    filename: str,
    content_type: str,
    content: bytes,
    expires_at: float,
) -> Media:
    """Put a file into the store; its id is made up."""
    media = Media(
        media_id=chance.letters(world.rng, 43) + "_" + chance.letters(world.rng, 20),
        appid=appid,
        kind=kind,
        filename=filename,
        content_type=content_type,
        content=content,
        created_at=world.clock.now(),
        expires_at=expires_at,
    )
    world.things.media[media.media_id] = media
    return media


def _gone(world: World, media: Media) -> bool:
    return world.clock.now() > media.expires_at


def _take(call: Call, kind: str, expires_at: float, *, most: int | None = None) -> Media:
    if kind not in LIMITS:
        raise Refused(40004)
    _, files = call.request.form()
    if "media" not in files:
        raise Refused(41005)
    filename, _, content = files["media"]
    if not filename or not filename.isascii():
        raise Refused(41005)
    ending = filename.rpartition(".")[2].lower()
    if ending not in ENDINGS[kind]:
        raise Refused(40005)
    if not content:
        raise Refused(44001 if kind != "thumb" else 41005)
    if len(content) > (most or LIMITS[kind]):
        raise Refused(40009 if kind in {"image", "thumb"} else 45001)
    appid = call.account.appid
    return keep(call.world, appid, kind, filename, TYPES[ending], content, expires_at)
