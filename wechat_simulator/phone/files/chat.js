// One conversation: its bubbles, the account's menu, the line to write in.
import { badge, button, call, face, icon, make, simulatedNow } from "./ground.js";
import { conversationOf, Letters } from "./letters.js";
import { chosenFile, samplePicture, sampleVideo, sampleVoice, toBase64 } from "./samples.js";
import { t } from "./words.js";

const NEAR_END_PX = 24;
const ACCEPTED = { image: "image/*", voice: ".amr,audio/*", video: "video/*", file: "*/*" };
const SAMPLES = { image: samplePicture, voice: sampleVoice, video: sampleVideo };
const KINDS = [
  ["image", "图片", "picture"], ["voice", "语音", "voice"], ["video", "视频", "video"],
  ["file", "文件", "file"], ["location", "位置", "place"], ["link", "链接", "link"],
];

export class Chat {
  constructor(phone, key) {
    this.phone = phone;
    this.key = key;
    this.drawn = -1;
    this.isAtEnd = true;
    this.letters = new Letters(phone.person, phone.does());
    this.log = make("div", { className: "chat", role: "log", tabIndex: 0, "aria-label": this.title() });
    this.foot = make("div", { className: "foot" });
    this.element = make("div", { className: "screen" }, this.log, this.foot);
    this.buildFoot();
    this.keepAtEnd();
  }

  title() { return this.phone.nameOf(this.key); }

  headButton() {
    if (this.key !== "oa") return null;
    if (!this.phone.following) return button(t("关注"), () => this.phone.follow(true), { className: "follow" });
    return make("button", { type: "button", className: "bare", "aria-label": t("更多"), onclick: () => this.more() }, icon("more"));
  }

  async more() {
    const chosen = await this.phone.sheets.choose(this.title(), [["leave", t("取消关注")]]);
    if (chosen === "leave") await this.phone.follow(false);
  }

  // The menu that appears and a picture that arrives late must not push the last message away.
  keepAtEnd() {
    const toEnd = () => { if (this.isAtEnd) this.log.scrollTop = this.log.scrollHeight; };
    this.log.addEventListener("scroll", () => {
      this.isAtEnd = this.log.scrollHeight - this.log.clientHeight - this.log.scrollTop < NEAR_END_PX;
    });
    this.log.addEventListener("load", toEnd, true);
    new ResizeObserver(toEnd).observe(this.log);
    this.toEnd = toEnd;
  }

  refresh() {
    const { items, following } = this.phone;
    const mine = items.filter((one) => conversationOf(one) === this.key);
    this.phone.markSeen(this.key, mine.length);
    const mark = `${mine.length}/${following}`;
    if (mark === this.drawn) return;
    this.drawn = mark;
    const faces = {
      mine: () => face(this.phone.person.nickname, this.phone.person.id),
      theirs: () => this.phone.faceOf(this.key),
    };
    const rows = this.letters.rows(mine, faces);
    if (!rows.length) rows.push(this.emptiness());
    else if (this.key === "oa" && !following) rows.push(this.invitation());
    this.log.replaceChildren(...rows);
    this.isAtEnd = true;
    this.toEnd();
  }

  emptiness() {
    if (this.key === "oa" && !this.phone.following) return this.invitation();
    return make("p", { className: "note", textContent: t("还没有消息") });
  }

  invitation() {
    return make("div", { className: "invite" }, badge("oa", "page"), make("p", { textContent: t("关注后，这里会收到它的消息。") }),
      button(t("关注公众号"), () => this.phone.follow(true), { className: "main" }));
  }

  buildFoot() {
    const isFriend = this.key.startsWith("friend:");
    if (this.key !== "oa" && !isFriend) return;
    this.menu = make("nav", { className: "menu", hidden: true, "aria-label": t("更多") });
    const input = make("textarea", { rows: 1, placeholder: t("输入消息"), "aria-label": t("输入消息") });
    const grow = () => { input.rows = Math.min(5, input.value.split("\n").length); };
    input.oninput = grow;
    const more = make("button", { type: "button", className: "bare", "aria-label": t("更多消息"), "aria-expanded": "false" }, icon("plus"));
    const kinds = isFriend ? null : this.kinds();
    more.onclick = () => {
      kinds.hidden = !kinds.hidden;
      more.setAttribute("aria-expanded", String(!kinds.hidden));
    };
    const form = make("form", { className: "say" }, kinds && more, input, make("button", { type: "submit", className: "main", textContent: t("发送") }));
    form.onsubmit = (event) => {
      event.preventDefault();
      const text = input.value;
      if (!text.trim()) return;
      input.value = "";
      grow();
      this.send({ type: "text", text });
    };
    // Enter sends; with Shift it begins a new line. While a Chinese word is being spelt it does neither.
    input.onkeydown = (event) => {
      if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      form.requestSubmit();
    };
    this.foot.append(this.menu, form, kinds || "");
    if (this.key === "oa") this.phone.attempt(() => this.drawMenu());
  }

  send(given) {
    if (!this.key.startsWith("friend:")) return this.phone.attempt(() => call("POST", this.phone.mine("send"), given));
    return this.phone.attempt(() => call("POST", this.phone.mine("share"), { to: this.key.slice(7), ...given }));
  }

  kinds() {
    return make("div", { className: "kinds", hidden: true }, ...KINDS.map(([type, name, drawing]) =>
      make("button", { type: "button", onclick: () => this.phone.attempt(() => this.sendKind(type, t(name))) }, icon(drawing), make("span", { textContent: t(name) }))));
  }

  async sendKind(type, name) {
    if (type === "location") return this.send({ type });
    if (type === "link") {
      const url = await this.phone.sheets.ask(t("链接"), "https://example.com/");
      return url ? this.send({ type, title: url, url }) : null;
    }
    const how = SAMPLES[type] ? await this.phone.sheets.choose(name, [["sample", t("用自带的示例")], ["own", t("选一个文件")]]) : "own";
    if (!how) return null;
    if (how === "sample" && type === "video") this.phone.sheets.toast(t("正在做一段示例视频…"));
    const file = how === "sample" ? await SAMPLES[type]() : await chosenFile(ACCEPTED[type]);
    if (!file) return null;
    const given = { type, content_base64: await toBase64(file) };
    if (type === "file") given.title = file.name;
    if (type === "voice") {
      const said = await this.phone.sheets.ask(t("这段语音说的是（微信会识别成文字）"), "专栏");
      if (said === null) return null;
      if (said) given.recognition = said;
    }
    return this.send(given);
  }

  async drawMenu() {
    const { button: tops } = await call("GET", "/phone/menu");
    this.menu.replaceChildren(...tops.map((top) => {
      const box = make("div");
      const name = make("button", { type: "button", textContent: top.name });
      if (top.sub_button && top.sub_button.length) {
        name.classList.add("has-more");
        name.setAttribute("aria-expanded", "false");
        const list = make("ul", { hidden: true }, ...top.sub_button.map((sub) => make("li", {}, button(sub.name, () => { this.fold(); this.tap(sub); }))));
        name.onclick = () => {
          const open = list.hidden;
          this.fold();
          list.hidden = !open;
          name.setAttribute("aria-expanded", String(open));
        };
        box.append(list);
      } else name.onclick = () => { this.fold(); this.tap(top); };
      box.append(name);
      return box;
    }));
    this.menu.hidden = tops.length === 0;
  }

  fold() {
    for (const list of this.menu.querySelectorAll("ul")) list.hidden = true;
    for (const name of this.menu.querySelectorAll("[aria-expanded]")) name.setAttribute("aria-expanded", "false");
  }

  tap(one) {
    return this.phone.attempt(async () => {
      const key = one.key || one.url || one.pagepath || one.name;
      const told = await call("POST", this.phone.mine("tap"), { key });
      if (told.opens) this.phone.openPage(told.opens);
      else if (one.type === "miniprogram") this.phone.openMini(one.pagepath);
    });
  }
}

// A group that the person has joined: there is nobody to talk to, but the way back in.
export class GroupChat {
  constructor(phone, group) {
    this.phone = phone;
    this.group = group;
    this.element = make("div", { className: "screen" }, make("div", { className: "chat" },
      make("p", { className: "note", textContent: t("你已加入群聊") }),
      make("div", { className: "invite" }, make("p", { textContent: t("群成员见入群页") }), button(t("打开入群页"), () => phone.openPage(group.url), { className: "main" }))));
  }

  title() { return this.group.name; }

  refresh() { this.seenAt = simulatedNow(); }
}
