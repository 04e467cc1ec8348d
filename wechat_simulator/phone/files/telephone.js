// One telephone: who holds it, its screens one above the other, what has reached it.
import { badge, call, clockOf, face, icon, make, proxied, shortTime, simulatedNow } from "./ground.js";
import { Chat, GroupChat } from "./chat.js";
import { conversationOf, inShort } from "./letters.js";
import { MiniProgram } from "./mini.js";
import { Sheets } from "./sheets.js";
import { WebPage } from "./web.js";
import { t } from "./words.js";

const DEVICES = { android: "安卓", ios: "苹果", windows: "Windows", mac: "Mac" };
const FAILED = { jsapi: "get_brand_wcpay_request:fail", other: "requestVirtualPayment:fail" };

const endOf = (told) => {
  if (told.err_msg === null) return told.payment_ref ? t("网络断了，钱已经付出，页面没有收到消息") : t("网络断了，付款没有发出，页面没有收到消息");
  if (told.err_msg.endsWith(":ok")) return t("支付成功");
  return told.err_msg.endsWith("cancel") ? t("已取消支付") : told.err_desc || t("支付没有成功");
};

export class Telephone {
  // `desk`: people(), addPerson(nickname, device), changed(), putAway(phone), shown.
  constructor(desk) {
    this.desk = desk;
    this.person = null;
    this.items = [];
    this.groups = [];
    this.following = false;
    this.mark = "";
    this.screens = [];
    this.time = make("span");
    this.owner = make("span");
    this.head = make("header", { className: "bar" });
    this.body = make("div", { className: "screens" });
    this.element = make("section", { className: "phone" }, make("div", { className: "status" }, this.time, this.owner), this.head, this.body);
    this.sheets = new Sheets(this.element);
    this.start();
  }

  start() {
    this.person = null;
    this.mark = "";
    this.clear();
    this.owner.textContent = "";
    this.element.setAttribute("aria-label", t("空着的手机"));
    this.push(new Chooser(this));
  }

  async take(person) {
    this.person = person;
    this.items = [];
    this.mark = "";
    this.clear();
    this.owner.textContent = `${person.nickname} · ${t(DEVICES[person.device])}`;
    this.element.setAttribute("aria-label", t("%s的手机", person.nickname));
    this.element.dataset.person = person.id;
    await this.load();
    this.push(new ConversationList(this));
    this.push(new Chat(this, "oa"));
    this.desk.changed();
  }

  // --- what reached it -------------------------------------------------------------------------
  async load() {
    if (!this.person) return;
    const { id } = this.person;
    const told = await call("GET", `/phone/letters/${id}?after=${this.items.length}`);
    if (!this.person || this.person.id !== id) return;
    if (told.total < this.items.length) { this.items = []; await this.load(); return; }
    const known = new Set(this.items.map((one) => one.id));
    this.items.push(...told.items.filter((one) => !known.has(one.id)));
    this.groups = told.groups;
    this.following = told.following;
    this.element.dataset.following = String(told.following);
    this.rememberFirstLook();
    this.refresh();
  }

  beat(mark) {
    this.time.textContent = clockOf(simulatedNow());
    if (mark !== undefined && mark !== this.mark) {
      this.mark = mark;
      this.load().catch((error) => this.sheets.toast(error.message));
    }
  }

  refresh() {
    this.screens.at(-1)?.refresh();
    this.drawHead();
  }

  // What was there before this browser first looked is not new.
  rememberFirstLook() {
    const kept = localStorage.getItem(this.seenKey());
    this.seen = kept ? JSON.parse(kept) : null;
    if (!this.seen) {
      this.seen = {};
      for (const one of this.items) this.markSeen(conversationOf(one), this.countOf(conversationOf(one)));
      this.markSeen("oa", this.countOf("oa"));
    }
  }

  seenKey() { return `phone-seen-${this.person.id}`; }
  countOf(key) { return this.items.filter((one) => conversationOf(one) === key).length; }
  markSeen(key, count) {
    if (!this.seen || this.seen[key] === count) return;
    this.seen[key] = count;
    localStorage.setItem(this.seenKey(), JSON.stringify(this.seen));
  }
  unread(key) {
    const seen = this.seen?.[key] ?? 0;
    return this.items.filter((one) => conversationOf(one) === key).slice(seen).filter((one) => !one.said).length;
  }

  // --- doing -----------------------------------------------------------------------------------
  mine(name) { return `/_sim/people/${this.person.id}/${name}`; }

  async attempt(work) {
    try { await work(); } catch (error) { this.sheets.toast(error.message); }
    await this.load().catch((error) => this.sheets.toast(error.message));
  }

  does() {
    return {
      open: (url) => this.openPage(url),
      openMini: (path) => this.openMini(path),
      say: (text, menuId) => this.attempt(() => call("POST", this.mine("send"), { type: "text", text, bizmsgmenuid: menuId })),
      look: (source) => this.attempt(() => this.look(source)),
      toast: (text) => this.sheets.toast(text),
    };
  }

  follow(wanted) { return this.attempt(() => call("POST", this.mine(wanted ? "follow" : "unfollow"), {})); }

  // Where the network was lost `err_msg` is null: what opened the sheet is never called back.
  async pay(rail, payment, outcome) {
    try {
      const told = await call("POST", this.mine("pay"), { rail, payment, outcome });
      this.sheets.toast(endOf(told));
      return told;
    } catch (error) {
      this.sheets.toast(error.message);
      return { err_msg: FAILED[rail] || FAILED.other, err_desc: error.message };
    }
  }

  async sendToFriend(card) {
    const others = (await this.desk.people()).filter((one) => one.id !== this.person.id);
    const friend = await this.sheets.friend(others);
    if (!friend) return;
    await call("POST", this.mine("share"), { to: friend.id, ...card });
    this.sheets.toast(t("已发送"));
  }

  async look(source) {
    const chosen = await this.sheets.choose(t("图片"), [["scan", t("识别图中的二维码")]]);
    if (chosen !== "scan") return;
    const answer = await fetch("/phone/scan", { method: "POST", body: await (await fetch(source)).blob() });
    const told = await answer.json();
    if (told.found) this.follows(told.text);
    else this.sheets.toast(told.message);
  }

  // A scanned code leads to a page, or is only a text.
  follows(text) {
    if (/^https?:/.test(text)) this.openPage(text);
    else this.sheets.toast(t("二维码里写着：%s", text));
  }

  openPage(url) {
    if (!proxied(this.person.id, url)) { this.sheets.toast(t("这个链接打不开")); return; }
    this.push(new WebPage(this, url));
  }

  openMini(path) { this.push(new MiniProgram(this, path)); }

  openConversation(key) {
    if (key.startsWith("group:")) this.push(new GroupChat(this, this.groups.find((one) => one.code === key.slice(6))));
    else this.push(new Chat(this, key));
  }

  // --- names and faces -------------------------------------------------------------------------
  nameOf(key) {
    if (key === "oa") return this.desk.shown.oa_name;
    if (key === "mini") return t("小程序客服");
    if (key === "notice") return t("服务通知");
    if (key === "pay") return t("微信支付");
    return this.desk.known(key.slice(7))?.nickname || "?";
  }

  faceOf(key) {
    if (key === "oa") return badge("oa", "page");
    if (key === "mini") return badge("mini", "app");
    if (key === "notice") return badge("notice-face", "bell");
    if (key === "pay") return badge("pay-face", "coin");
    if (key.startsWith("group:")) return badge("group", "people");
    return face(this.nameOf(key), key.slice(7));
  }

  // --- screens, one above the other ------------------------------------------------------------
  push(screen) {
    for (const one of this.screens) { one.element.hidden = true; one.covered?.(); }
    this.screens.push(screen);
    this.body.append(screen.element);
    screen.refresh();
    this.drawHead();
  }

  leave(screen) {
    const at = this.screens.indexOf(screen);
    if (at <= 0) return;
    for (const one of this.screens.splice(at)) { one.element.remove(); one.ended?.(); }
    this.screens.at(-1).element.hidden = false;
    this.refresh();
  }

  back() {
    const top = this.screens.at(-1);
    if (!top.goBack?.()) this.leave(top);
  }

  clear() {
    this.sheets.close?.(null);
    for (const one of this.screens.splice(0)) { one.element.remove(); one.ended?.(); }
  }

  drawHead() {
    const top = this.screens.at(-1);
    if (!top) return;
    const parts = [make("h2", { textContent: top.title() })];
    if (this.screens.length > 1) {
      parts.unshift(make("button", { type: "button", className: "bare back", "aria-label": t("返回"), onclick: () => this.back() }, icon("back")));
    }
    const right = top.headButton?.();
    if (right) parts.push(right);
    this.head.replaceChildren(...parts);
    this.head.hidden = Boolean(top.ownHead);
  }
}

class Chooser {
  constructor(phone) {
    this.phone = phone;
    this.list = make("div", { className: "list" });
    this.element = make("div", { className: "screen" }, make("div", { className: "chooser" }, this.list, this.form()));
  }

  title() { return t("谁在用这部手机？"); }

  headButton() {
    if (!this.phone.desk.mayPutAway()) return null;
    return make("button", { type: "button", className: "bare", "aria-label": t("收起这部手机"), onclick: () => this.phone.desk.putAway(this.phone) }, icon("close"));
  }

  form() {
    const name = make("input", { maxLength: 64, required: true, placeholder: t("新朋友的昵称"), "aria-label": t("新朋友的昵称") });
    const device = make("select", { "aria-label": t("手机型号") }, ...Object.entries(DEVICES).map(([key, shown]) => make("option", { value: key, textContent: t(shown) })));
    const form = make("form", { className: "new-person" }, make("h3", { textContent: t("添加一个新朋友") }), name, device, make("button", { type: "submit", className: "main", textContent: t("添加") }));
    form.onsubmit = (event) => {
      event.preventDefault();
      this.phone.attempt(async () => this.phone.take(await this.phone.desk.addPerson(name.value, device.value)));
    };
    return form;
  }

  refresh() {
    this.phone.desk.people().then((people) => {
      const rows = people.map((one) => make("button", { type: "button", className: "entry", onclick: () => this.phone.attempt(() => this.phone.take(one)) },
        face(one.nickname, one.id), make("span", { className: "entry-words" }, make("b", { textContent: one.nickname }), make("small", { textContent: t(DEVICES[one.device]) }))));
      if (!rows.length) rows.push(make("p", { className: "note", textContent: t("还没有人，先添加一个。") }));
      this.list.replaceChildren(...rows);
    }).catch((error) => this.phone.sheets.toast(error.message));
  }
}

class ConversationList {
  constructor(phone) {
    this.phone = phone;
    this.list = make("div", { className: "list" });
    this.element = make("div", { className: "screen" }, this.list);
  }

  title() { return t("微信"); }

  headButton() {
    return make("button", { type: "button", className: "bare", "aria-label": t("换人"), onclick: () => { this.phone.start(); this.phone.desk.changed(); } }, icon("people"));
  }

  refresh() {
    const { items, groups, desk, person } = this.phone;
    const last = new Map([["oa", null]]);
    for (const one of items) last.set(conversationOf(one), one);
    for (const one of groups) last.set(`group:${one.code}`, { at: one.joined_at });
    const rows = [...last].sort((a, b) => (b[1]?.at ?? 0) - (a[1]?.at ?? 0)).map(([key, one]) => this.entry(key, one));
    const friends = desk.everybody().filter((one) => one.id !== person.id && !last.has(`friend:${one.id}`));
    rows.push(this.row(badge("mini", "app"), desk.shown.mini_name, t("小程序"), "", 0, () => this.phone.openMini()));
    rows.push(...friends.slice(0, 30).map((one) => this.entry(`friend:${one.id}`, null)));
    this.list.replaceChildren(...rows);
  }

  covered() { this.list.replaceChildren(); }

  entry(key, one) {
    const isGroup = key.startsWith("group:");
    const name = isGroup ? this.phone.groups.find((each) => each.code === key.slice(6)).name : this.phone.nameOf(key);
    const words = isGroup ? t("你已加入群聊") : one ? inShort(one) : t("还没有聊过");
    return this.row(this.phone.faceOf(key), name, words, one ? shortTime(one.at) : "", this.phone.unread(key), () => this.phone.openConversation(key));
  }

  row(drawing, name, words, at, unread, act) {
    const dot = unread ? make("span", { className: "dot", textContent: String(Math.min(unread, 99)) }) : null;
    return make("button", { type: "button", className: "entry", onclick: act }, make("span", { className: "with-dot" }, drawing, dot),
      make("span", { className: "entry-words" }, make("b", { textContent: name }), make("small", { textContent: words })), make("time", { textContent: at }));
  }
}

