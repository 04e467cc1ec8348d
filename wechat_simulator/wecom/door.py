"""The server API of WeCom as far as groups need it, and the pictures of its codes."""

from collections.abc import Callable
from typing import Any

from wechat_simulator import chance
from wechat_simulator.pushcrypto import same
from wechat_simulator.qrimage import png
from wechat_simulator.routes import WECOM, WORK, Request, Response, Router, json_response
from wechat_simulator.wecom.model import ROOMS_PER_WAY, Token, Way
from wechat_simulator.wecom.office import Office
from wechat_simulator.world import World

TOKEN_LIVES_S = 7200
_FOLDER = "/cgi-bin/externalcontact/groupchat"
_WORDS = {
    40001: "invalid credential",
    40013: "invalid corpid",
    40014: "invalid access_token",
    40050: "invalid chatid",
    40058: "invalid request parameter",
    41001: "access_token missing",
    41044: "invalid config id",
    42001: "access_token expired",
    47001: "data format error",
}

Handler = Callable[[dict[str, Any]], dict[str, Any]]


class Refused(Exception):
    """A call that WeCom refuses, with its code."""

    def __init__(self, errcode: int, hint: str = "") -> None:
        super().__init__(hint)
        self.errcode = errcode
        self.errmsg = f"{_WORDS[errcode]}{f', hint: [{hint}]' if hint else ''}"


class Door:
    """Answers the calls."""

    def __init__(self, world: World, office: Office) -> None:
        self._world = world
        self._office = office

    def gettoken(self, request: Request) -> dict[str, Any]:
        """The token in use: calling again gives the same one."""
        company = self._office.records.company
        given = request.query
        if company is None or given.get("corpid") != company.corpid:
            raise Refused(40013)
        if not same(company.secret, given.get("corpsecret", "")):
            raise Refused(40001)
        now = self._world.clock.now()
        token = self._office.records.token
        if token is None or token.dies_at <= now:
            token = Token(chance.letters(self._world.rng, 128), now + TOKEN_LIVES_S)
            self._office.records.token = token
        return {"access_token": token.value, "expires_in": int(token.dies_at - now)}

    def authorised(self, request: Request) -> dict[str, Any]:
        """The JSON body of a call whose token is good."""
        value = request.query.get("access_token", "")
        token = self._office.records.token
        if not value:
            raise Refused(41001)
        if token is None or not same(token.value, value):
            raise Refused(40014)
        if token.dies_at <= self._world.clock.now():
            raise Refused(42001)
        try:
            body = request.json()
        except ValueError as error:
            raise Refused(47001) from error
        if not isinstance(body, dict):
            raise Refused(47001)
        return body

    def add_join_way(self, body: dict[str, Any]) -> dict[str, Any]:
        """A new way, with a link of its own."""
        records = self._office.records
        way = Way(
            config_id=chance.hexadecimal(self._world.rng, 32),
            code=chance.hexadecimal(self._world.rng, 32),
            **self._settings(body),
        )
        records.ways[way.config_id] = way
        return {"config_id": way.config_id}

    def get_join_way(self, body: dict[str, Any]) -> dict[str, Any]:
        """A way as it stands, with the address of its picture."""
        way = self._way(body)
        return {
            "join_way": {
                "config_id": way.config_id,
                "scene": 2,
                "remark": way.remark,
                "auto_create_room": way.auto_create_room,
                "room_base_name": way.room_base_name,
                "room_base_id": way.room_base_id,
                "chat_id_list": list(way.chat_ids),
                "qr_code": f"https://p.qpic.cn/wwhead/{way.config_id}/0",
                "state": way.state,
            }
        }

    def update_join_way(self, body: dict[str, Any]) -> dict[str, Any]:
        """Replace all settings of a way; its link stays."""
        way = self._way(body)
        for name, value in self._settings(body).items():
            setattr(way, name, value)
        return {}

    def del_join_way(self, body: dict[str, Any]) -> dict[str, Any]:
        """Let nobody in by a way any more."""
        del self._office.records.ways[self._way(body).config_id]
        return {}

    def get_room(self, body: dict[str, Any]) -> dict[str, Any]:
        """A room and its members: the owner first, then customers in the order of joining."""
        room = self._office.records.rooms.get(str(body.get("chat_id")))
        if room is None or room.dismissed:
            raise Refused(40050)
        owner = {"userid": room.owner, "type": 1, "join_time": int(room.created_at)}
        customers = [
            {
                "userid": self._office.external_id(person_id),
                "type": 2,
                "join_time": int(member.at),
                "join_scene": 3,
                **self._union(person_id),
                **({"state": member.state} if member.state else {}),
            }
            for person_id, member in room.members.items()
        ]
        return {
            "group_chat": {
                "chat_id": room.chat_id,
                "name": room.name,
                "owner": room.owner,
                "create_time": int(room.created_at),
                "notice": "",
                "member_list": [{**owner, "join_scene": 1}, *customers],
                "admin_list": [],
                "member_version": f"{room.version:032x}",
            }
        }

    def list_rooms(self, body: dict[str, Any]) -> dict[str, Any]:
        """All rooms that are there."""
        limit = body.get("limit")
        if isinstance(limit, bool) or not isinstance(limit, int) or not 1 <= limit <= 1000:
            raise Refused(40058, "limit")
        rooms = [one for one in self._office.records.rooms.values() if not one.dismissed]
        listed = [{"chat_id": one.chat_id, "status": 0} for one in rooms[:limit]]
        return {"group_chat_list": listed}

    def picture(self, request: Request) -> Response:
        """The picture of a way's code."""
        with self._world.lock:
            way = self._office.records.ways.get(request.params["config_id"])
        if way is None:
            return Response(404)
        said = f"https://{WORK}/gm/{way.code}"
        return Response(200, png(said), {"Content-Type": "image/png"})

    def _union(self, person_id: str) -> dict[str, str]:
        person = self._world.people.get(person_id)
        return {} if person is None else {"unionid": person.unionid}

    def _way(self, body: dict[str, Any]) -> Way:
        way = self._office.records.ways.get(str(body.get("config_id")))
        if way is None:
            raise Refused(41044)
        return way

    def _settings(self, body: dict[str, Any]) -> dict[str, Any]:
        rooms = body.get("chat_id_list")
        if body.get("scene") not in (1, 2):
            raise Refused(40058, "scene")
        if not isinstance(rooms, list) or not 1 <= len(rooms) <= ROOMS_PER_WAY:
            raise Refused(40058, "chat_id_list")
        if any(one not in self._office.records.rooms for one in rooms):
            raise Refused(40050)
        texts = {}
        for name, most in (("remark", 30), ("room_base_name", 40), ("state", 30)):
            texts[name] = body.get(name, "")
            if not isinstance(texts[name], str) or len(texts[name]) > most:
                raise Refused(40058, name)
        return {
            **texts,
            "auto_create_room": int(body.get("auto_create_room", 1)),
            "room_base_id": int(body.get("room_base_id", 1)),
            "chat_ids": list(rooms),
        }


def add_routes(router: Router, world: World, office: Office) -> None:
    """Serve the calls under the host of WeCom, and the pictures under any."""
    door = Door(world, office)

    def guarded(answer: Callable[[Request], dict[str, Any]]) -> Callable[[Request], Response]:
        def handle(request: Request) -> Response:
            try:
                with world.lock:
                    content = answer(request)
            except Refused as refusal:
                return json_response({"errcode": refusal.errcode, "errmsg": refusal.errmsg})
            return json_response({"errcode": 0, "errmsg": "ok", **content})

        return handle

    def behind_token(act: Handler) -> Callable[[Request], Response]:
        return guarded(lambda request: act(door.authorised(request)))

    router.add("GET", "/cgi-bin/gettoken", guarded(door.gettoken), host=WECOM)
    for name, act in (
        ("add_join_way", door.add_join_way),
        ("get_join_way", door.get_join_way),
        ("update_join_way", door.update_join_way),
        ("del_join_way", door.del_join_way),
        ("get", door.get_room),
        ("list", door.list_rooms),
    ):
        router.add("POST", f"{_FOLDER}/{name}", behind_token(act), host=WECOM)
    router.add("GET", "/wwhead/{config_id}/0", door.picture, host=None)
