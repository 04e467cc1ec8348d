"""Builds the typed messages of people from parsed fields, by MsgType and by Event."""

from wechat_handlers.inbound import person_messages as kinds
from wechat_handlers.inbound.common_fields import Builder, CommonFields
from wechat_handlers.inbound.message import Message
from wechat_handlers.wire.field_reader import FieldReader

SCENE_PREFIX = "qrscene_"


def _text(common: CommonFields, fields: FieldReader) -> Message:
    return kinds.TextMessage(
        **common, text=fields.raw_text("Content"), menu_choice=fields.text("bizmsgmenuid")
    )


def _image(common: CommonFields, fields: FieldReader) -> Message:
    return kinds.ImageMessage(
        **common, media_id=fields.text("MediaId"), picture_url=fields.text("PicUrl")
    )


def _voice(common: CommonFields, fields: FieldReader) -> Message:
    return kinds.VoiceMessage(
        **common,
        media_id=fields.text("MediaId"),
        audio_format=fields.text("Format"),
        recognition=fields.raw_text("Recognition"),
    )


def _video(common: CommonFields, fields: FieldReader) -> Message:
    return kinds.VideoMessage(
        **common, media_id=fields.text("MediaId"), thumb_media_id=fields.text("ThumbMediaId")
    )


def _short_video(common: CommonFields, fields: FieldReader) -> Message:
    return kinds.ShortVideoMessage(
        **common, media_id=fields.text("MediaId"), thumb_media_id=fields.text("ThumbMediaId")
    )


def _location(common: CommonFields, fields: FieldReader) -> Message:
    return kinds.LocationMessage(
        **common,
        latitude=fields.decimal("Location_X"),
        longitude=fields.decimal("Location_Y"),
        scale=int(fields.decimal("Scale")),
        label=fields.text("Label"),
    )


def _link(common: CommonFields, fields: FieldReader) -> Message:
    return kinds.LinkMessage(
        **common,
        title=fields.text("Title"),
        description=fields.text("Description"),
        url=fields.text("Url"),
    )


def _file(common: CommonFields, fields: FieldReader) -> Message:
    return kinds.FileMessage(
        **common,
        title=fields.text("Title"),
        description=fields.text("Description"),
        file_key=fields.text("FileKey"),
        file_md5=fields.text("FileMd5"),
        total_bytes=fields.integer("FileTotalLen", 0),
    )


def _mini_program_page(common: CommonFields, fields: FieldReader) -> Message:
    return kinds.MiniProgramPageMessage(
        **common,
        title=fields.text("Title"),
        appid=fields.text("AppId"),
        page_path=fields.text("PagePath"),
        thumb_url=fields.text("ThumbUrl"),
        thumb_media_id=fields.text("ThumbMediaId"),
    )


def _follow(common: CommonFields, fields: FieldReader) -> Message:
    key = fields.text("EventKey")
    return kinds.FollowEvent(
        **common,
        scene=key.removeprefix(SCENE_PREFIX) if key.startswith(SCENE_PREFIX) else "",
        ticket=fields.text("Ticket"),
        event_key=key,
    )


def _unfollow(common: CommonFields, _fields: FieldReader) -> Message:
    return kinds.UnfollowEvent(**common)


def _scan(common: CommonFields, fields: FieldReader) -> Message:
    return kinds.ScanEvent(**common, scene=fields.text("EventKey"), ticket=fields.text("Ticket"))


def _click(common: CommonFields, fields: FieldReader) -> Message:
    return kinds.MenuClickEvent(**common, key=fields.text("EventKey"))


def _view(common: CommonFields, fields: FieldReader) -> Message:
    return kinds.MenuViewEvent(**common, url=fields.text("EventKey"), menu_id=fields.text("MenuId"))


def _view_mini_program(common: CommonFields, fields: FieldReader) -> Message:
    return kinds.ViewMiniProgramEvent(
        **common, page_path=fields.text("EventKey"), menu_id=fields.text("MenuId")
    )


def _scan_code(common: CommonFields, fields: FieldReader) -> Message:
    code = fields.inner("ScanCodeInfo")
    return kinds.ScanCodeEvent(
        **common,
        key=fields.text("EventKey"),
        scan_type=code.text("ScanType"),
        scan_result=code.text("ScanResult"),
        waits_for_reply=fields.text("Event").lower() == "scancode_waitmsg",
    )


def _photo(common: CommonFields, fields: FieldReader) -> Message:
    pictures = fields.inner("SendPicsInfo").inner("PicList").items("item")
    return kinds.PhotoEvent(
        **common,
        key=fields.text("EventKey"),
        picker=fields.text("Event").lower(),
        picture_md5s=tuple(picture.text("PicMd5Sum") for picture in pictures),
    )


def _location_select(common: CommonFields, fields: FieldReader) -> Message:
    place = fields.inner("SendLocationInfo")
    return kinds.LocationSelectEvent(
        **common,
        key=fields.text("EventKey"),
        latitude=place.decimal("Location_X"),
        longitude=place.decimal("Location_Y"),
        scale=int(place.decimal("Scale")),
        label=place.text("Label"),
        poi_name=place.text("Poiname"),
    )


def _location_report(common: CommonFields, fields: FieldReader) -> Message:
    return kinds.LocationReportEvent(
        **common,
        latitude=fields.decimal("Latitude"),
        longitude=fields.decimal("Longitude"),
        precision=fields.decimal("Precision"),
    )


MESSAGE_BUILDERS: dict[str, Builder] = {
    "text": _text,
    "image": _image,
    "voice": _voice,
    "video": _video,
    "shortvideo": _short_video,
    "location": _location,
    "link": _link,
    "file": _file,
    "miniprogrampage": _mini_program_page,
}

EVENT_BUILDERS: dict[str, Builder] = {
    "subscribe": _follow,
    "unsubscribe": _unfollow,
    "scan": _scan,
    "click": _click,
    "view": _view,
    "view_miniprogram": _view_mini_program,
    "scancode_push": _scan_code,
    "scancode_waitmsg": _scan_code,
    "pic_sysphoto": _photo,
    "pic_photo_or_album": _photo,
    "pic_weixin": _photo,
    "location_select": _location_select,
    "location": _location_report,
}
