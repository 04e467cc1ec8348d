// Messages: which conversation each belongs to, and how it looks.
import { badge, button, icon, longTime, make, proxied, yuan } from "./ground.js";
import { t } from "./words.js";

const GAP_S = 300;

export const conversationOf = (one) => {
  if (one.channel === "friend") return `friend:${one.with}`;
  if (one.channel === "pay") return "pay";
  if (one.via === "subscribe") return "notice";
  return one.channel;
};

const SHORT = {
  image: "[图片]", voice: "[语音]", video: "[视频]", shortvideo: "[视频]", link: "[链接]", news: "[链接]",
  miniprogrampage: "[小程序]", location: "[位置]", file: "[文件]",
};
export const inShort = (one) => {
  if (one.type === "text") return withoutTags(one.text).replace(/\s+/g, " ");
  if (one.type === "news") return `${t("[链接]")} ${one.articles[0]?.title ?? ""}`;
  if (one.type === "msgmenu") return one.head;
  if (one.channel === "pay") return `${t("付款金额")} ${yuan(one.amount_fen || 0)}`;
  if (one.values) return Object.values(one.values).join(" ");
  return `${t(SHORT[one.type] || "消息")} ${one.title || one.label || ""}`.trim();
};

// A text may hold `<a>` as WeChat lets accounts write it; every other `<` is only a sign.
const read = (text) => new DOMParser().parseFromString(text.replace(/<(?!\/?a[\s>])/gi, "&lt;"), "text/html").body;
const withoutTags = (text) => read(text).textContent;

export class Letters {
  // `does`: open(url), openMini(path), say(text, menuId), toast(text); `person` is who looks.
  constructor(person, does) {
    this.person = person;
    this.does = does;
  }

  // All rows of a conversation, with the time wherever it was quiet for five minutes.
  rows(items, faces) {
    const rows = [];
    let last = 0;
    for (const one of items) {
      if (one.at - last > GAP_S) rows.push(make("p", { className: "when", textContent: longTime(one.at) }));
      last = one.at;
      rows.push(this.row(one, faces));
    }
    return rows;
  }

  row(one, faces) {
    if (one.channel === "pay") return this.receipt(one);
    if (one.via === "notice") return make("p", { className: "note", textContent: one.text });
    if (one.via === "template" || one.via === "subscribe") return this.notice(one);
    return make("div", { className: one.said ? "row mine" : "row" }, one.said ? faces.mine() : faces.theirs(), this.content(one));
  }

  content(one) {
    const bubble = (...inside) => make("div", { className: "bubble" }, ...inside);
    switch (one.type) {
      case "text": return bubble(this.withLinks(one.text));
      case "image": return this.picture(one);
      case "voice": return this.voice(one);
      case "video": case "shortvideo": return this.video(one);
      case "news": return make("div", { className: "cards" }, ...one.articles.map((each) => this.card(each, () => this.does.open(each.url))));
      case "link": return this.card(one, () => this.does.open(one.url));
      case "miniprogrampage": return this.card({ ...one, foot: t("小程序") }, () => this.does.openMini(one.page_path));
      case "msgmenu": return bubble(one.head, ...one.list.map((item) => make("div", {}, button(item.content, () => this.does.say(item.content, String(item.id)), { className: "link" }))), one.tail);
      case "transfer_customer_service": return bubble(t("已转接人工客服"));
      default: return bubble(icon({ location: "place", file: "file", music: "sound" }[one.type] || "more"), ` ${one.title || one.label || t("消息")}`);
    }
  }

  withLinks(text) {
    const box = make("span");
    for (const node of read(text).childNodes) {
      if (node.nodeName === "A" && node.getAttribute("href")) {
        box.append(this.link(node.textContent, node.getAttribute("href")));
        continue;
      }
      let rest = node.textContent;
      for (let found; (found = /https?:\/\/[^\s，。；！？、）)」]+/.exec(rest));) {
        box.append(rest.slice(0, found.index), this.link(found[0], found[0]));
        rest = rest.slice(found.index + found[0].length);
      }
      box.append(rest);
    }
    return box;
  }

  link(text, url) { return button(text, () => this.does.open(url), { className: "link" }); }

  card(one, act) {
    const box = make("button", { type: "button", className: "card", onclick: act }, make("b", { textContent: one.title || t("链接") }));
    const source = one.pic_url && proxied(this.person.id, one.pic_url);
    const thumb = source ? make("img", { src: source, alt: "", loading: "lazy" }) : badge("plain", one.page_path ? "app" : "link");
    if (source) thumb.onerror = () => thumb.replaceWith(badge("plain", "link"));
    box.append(make("span", { className: "card-body" }, make("span", { textContent: one.description || "" }), thumb));
    if (one.foot) box.append(make("small", { textContent: one.foot }));
    return box;
  }

  picture(one) {
    const source = (one.pic_url && proxied(this.person.id, one.pic_url)) || `/mmbiz/${one.media_id}`;
    const box = make("button", { type: "button", className: "picture", "aria-label": t("图片"), onclick: () => this.does.look(source) }, make("img", { src: source, alt: t("图片") }));
    box.oncontextmenu = (event) => { event.preventDefault(); this.does.look(source); };
    return box;
  }

  voice(one) {
    const play = () => {
      const sound = new Audio(`/mmbiz/${one.media_id}`);
      sound.play().catch(() => this.does.toast(t("这段语音是 AMR 格式，浏览器放不出来")));
    };
    const box = make("div", { className: "bubble" }, make("button", { type: "button", className: "voice", "aria-label": t("播放语音"), onclick: play }, icon("sound"), t("语音")));
    if (one.recognition) box.append(make("small", { className: "heard", textContent: t("识别：%s", one.recognition) }));
    return box;
  }

  video(one) {
    const source = `/mmbiz/${one.media_id}`;
    return make("video", { className: "video", src: source, controls: true, muted: true, preload: "metadata", playsInline: true, "aria-label": t("视频") });
  }

  notice(one) {
    const lines = Object.entries(one.values || {}).map(([name, value]) => make("p", {}, make("span", { textContent: name }), make("b", { textContent: value })));
    const address = one.url || one.page;
    const box = make(address ? "button" : "div", { className: "notice", ...(address ? { type: "button" } : {}) }, make("strong", { textContent: one.title || t("服务通知") }), ...lines);
    if (address) box.onclick = () => (one.url ? this.does.open(one.url) : this.does.openMini(one.page));
    return box;
  }

  receipt(one) {
    return make("div", { className: "notice receipt" },
      make("strong", { textContent: t(one.via === "payment" && one.type === "receipt" ? "付款金额" : one.type === "refund" ? "退款" : "付款金额") }),
      make("p", { className: "amount", textContent: yuan(one.amount_fen || 0) }),
      make("p", {}, make("b", { textContent: one.description || one.title || "" })),
      make("p", { className: "number" }, make("span", { textContent: one.payment_ref || one.trade_no || "" })));
  }
}
