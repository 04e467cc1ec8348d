"""Builds the typed reports of WeChat from parsed fields, by Event."""

from wechat_handlers.inbound import service_messages as kinds
from wechat_handlers.inbound.common_fields import Builder, CommonFields
from wechat_handlers.inbound.message import Message
from wechat_handlers.wire.field_reader import FieldReader


def _template_sent(common: CommonFields, fields: FieldReader) -> Message:
    return kinds.TemplateSendFinished(
        **common, job_id=fields.text("MsgID"), status=fields.text("Status")
    )


def _mass_sent(common: CommonFields, fields: FieldReader) -> Message:
    result = fields.inner("ArticleUrlResult").inner("ResultList")
    return kinds.MassSendFinished(
        **common,
        job_id=fields.text("MsgID"),
        status=fields.text("Status"),
        total_count=fields.integer("TotalCount", 0),
        filter_count=fields.integer("FilterCount", 0),
        sent_count=fields.integer("SentCount", 0),
        error_count=fields.integer("ErrorCount", 0),
        articles=tuple(
            kinds.PublishedArticle(
                position=item.integer("ArticleIdx", 0), url=item.text("ArticleUrl")
            )
            for item in result.items("item")
        ),
    )


def _published(common: CommonFields, fields: FieldReader) -> Message:
    event = fields.inner("PublishEventInfo")
    return kinds.PublishFinished(
        **common,
        publish_id=event.text("publish_id"),
        publish_status=event.integer("publish_status"),
        article_id=event.text("article_id"),
        articles=tuple(
            kinds.PublishedArticle(position=item.integer("idx", 0), url=item.text("article_url"))
            for item in event.inner("article_detail").items("item")
        ),
        failed_positions=tuple(
            FieldReader({"idx": position}).integer("idx", 0)
            for position in event.scalars("fail_idx")
        ),
    )


def _consent_items(fields: FieldReader, wrapper: str) -> list[FieldReader]:
    # JSON puts the list at the top; XML wraps it in an element named after the event.
    return fields.items("List") or fields.inner(wrapper).items("List")


def _consents(fields: FieldReader, wrapper: str) -> tuple[kinds.Consent, ...]:
    return tuple(
        kinds.Consent(
            template_id=item.text("TemplateId"),
            answer=item.text("SubscribeStatusString"),
            scene=item.integer("PopupScene", 0),
        )
        for item in _consent_items(fields, wrapper)
    )


def _subscribe_popup(common: CommonFields, fields: FieldReader) -> Message:
    return kinds.SubscribePopup(**common, consents=_consents(fields, "SubscribeMsgPopupEvent"))


def _subscribe_change(common: CommonFields, fields: FieldReader) -> Message:
    return kinds.SubscribeChange(**common, consents=_consents(fields, "SubscribeMsgChangeEvent"))


def _subscribe_sent(common: CommonFields, fields: FieldReader) -> Message:
    return kinds.SubscribeSent(
        **common,
        deliveries=tuple(
            kinds.SubscribeDelivery(
                template_id=item.text("TemplateId"),
                job_id=item.text("MsgID"),
                error_code=item.integer("ErrorCode", 0),
                error_status=item.text("ErrorStatus"),
            )
            for item in _consent_items(fields, "SubscribeMsgSentEvent")
        ),
    )


def _enter_session(common: CommonFields, fields: FieldReader) -> Message:
    return kinds.EnterSession(**common, session_from=fields.raw_text("SessionFrom"))


def _agent_opened(common: CommonFields, fields: FieldReader) -> Message:
    return kinds.KfSessionOpened(**common, agent=fields.text("KfAccount"))


def _agent_closed(common: CommonFields, fields: FieldReader) -> Message:
    return kinds.KfSessionClosed(**common, agent=fields.text("KfAccount"))


def _agent_switched(common: CommonFields, fields: FieldReader) -> Message:
    return kinds.KfSessionSwitched(
        **common,
        from_agent=fields.text("FromKfAccount"),
        to_agent=fields.text("ToKfAccount"),
    )


def _person_modified(common: CommonFields, fields: FieldReader) -> Message:
    return kinds.UserInfoModified(
        **common, subject=fields.text("OpenID"), appid=fields.text("AppID")
    )


def _revoked(common: CommonFields, fields: FieldReader) -> Message:
    return kinds.AuthorizationRevoked(
        **common,
        subject=fields.text("OpenID"),
        appid=fields.text("AppID"),
        revoked=fields.text("RevokeInfo"),
        whole_account=fields.text("Event").lower() == "user_authorization_cancellation",
    )


def _media_checked(common: CommonFields, fields: FieldReader) -> Message:
    result = fields.inner("result")
    return kinds.MediaChecked(
        **common,
        trace_id=fields.text("trace_id"),
        suggestion=result.text("suggest"),
        label=result.integer("label", 0),
        error_code=fields.integer("errcode", 0),
    )


def _trade_access(common: CommonFields, fields: FieldReader) -> Message:
    return kinds.TradeAccessReminder(**common, notice=fields.text("msg"))


def _trade_shipping(common: CommonFields, fields: FieldReader) -> Message:
    return kinds.TradeShippingReminder(
        **common,
        transaction_id=fields.text("transaction_id"),
        out_trade_no=fields.text("merchant_trade_no"),
        merchant_id=fields.text("merchant_id"),
        paid_at_epoch_s=fields.epoch_s("pay_time"),
        notice=fields.text("msg"),
    )


def _trade_settlement(common: CommonFields, fields: FieldReader) -> Message:
    return kinds.TradeOrderSettlement(
        **common,
        transaction_id=fields.text("transaction_id"),
        out_trade_no=fields.text("merchant_trade_no"),
        merchant_id=fields.text("merchant_id"),
        paid_at_epoch_s=fields.epoch_s("pay_time"),
        shipped_at_epoch_s=fields.epoch_s("shipped_time"),
        estimated_settlement_at_epoch_s=fields.epoch_s("estimated_settlement_time"),
        settled_at_epoch_s=fields.epoch_s("settlement_time"),
    )


def _external_chat(common: CommonFields, fields: FieldReader) -> Message:
    # Staff tools send MemChangeList as <Item> elements, older ones as one text.
    listed = fields.value("MemChangeList")
    members = (
        FieldReader(listed).scalars("Item")
        if isinstance(listed, dict)
        else fields.scalars("MemChangeList")
    )
    return kinds.WecomExternalChat(
        **common,
        chat_id=fields.text("ChatId"),
        change_type=fields.text("ChangeType"),
        update_detail=fields.text("UpdateDetail"),
        join_scene=fields.optional_integer("JoinScene"),
        quit_scene=fields.optional_integer("QuitScene"),
        member_change_count=fields.optional_integer("MemChangeCnt"),
        members=tuple(member for member in members if member),
        member_version=fields.text("CurMemVer"),
    )


def _external_contact(common: CommonFields, fields: FieldReader) -> Message:
    return kinds.WecomExternalContact(
        **common,
        change_type=fields.text("ChangeType"),
        staff_id=fields.text("UserID"),
        external_id=fields.text("ExternalUserID"),
        state=fields.text("State"),
        welcome_code=fields.text("WelcomeCode"),
    )


EVENT_BUILDERS: dict[str, Builder] = {
    "templatesendjobfinish": _template_sent,
    "masssendjobfinish": _mass_sent,
    "publishjobfinish": _published,
    "freepublishjobfinish": _published,  # the spelling of an older page
    "subscribe_msg_popup_event": _subscribe_popup,
    "subscribe_msg_change_event": _subscribe_change,
    "subscribe_msg_sent_event": _subscribe_sent,
    "user_enter_tempsession": _enter_session,
    "kf_create_session": _agent_opened,
    "kf_close_session": _agent_closed,
    "kf_switch_session": _agent_switched,
    "user_info_modified": _person_modified,
    "user_authorization_revoke": _revoked,
    "user_authorization_cancellation": _revoked,
    "wxa_media_check": _media_checked,
    "trade_manage_remind_access_api": _trade_access,
    "trade_manage_remind_shipping": _trade_shipping,
    "trade_manage_order_settlement": _trade_settlement,
    "change_external_chat": _external_chat,
    "change_external_contact": _external_contact,
}
