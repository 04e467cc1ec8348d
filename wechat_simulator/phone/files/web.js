// A page of an account inside the telephone: back, reload, share, scan, pay.
import { call, icon, make, proxied } from "./ground.js";
import { t } from "./words.js";

export class WebPage {
  constructor(phone, url) {
    this.phone = phone;
    this.visited = [];
    this.share = null;
    this.isGoingBack = false;
    this.name = t("正在打开…");
    this.frame = make("iframe", { title: t("网页"), src: proxied(phone.person.id, url) });
    this.element = make("div", { className: "screen web" }, this.frame);
    this.listen = (event) => this.hear(event);
    window.addEventListener("message", this.listen);
  }

  title() { return this.name; }

  headButton() {
    return make("span", { className: "heads" },
      make("button", { type: "button", className: "bare", "aria-label": t("更多"), onclick: () => this.phone.attempt(() => this.more()) }, icon("more")),
      make("button", { type: "button", className: "bare", "aria-label": t("关闭"), onclick: () => this.phone.leave(this) }, icon("close")));
  }

  // Whether there was a page before this one; then it is shown again.
  goBack() {
    if (this.visited.length < 2) return false;
    this.visited.pop();
    // It stays on the list while it loads, so that a second tap goes on from it.
    this.isGoingBack = true;
    this.show(this.visited.at(-1));
    return true;
  }

  // The frame's own history is the browser's, shared by all telephones: it is never grown.
  show(url) { this.frame.contentWindow.location.replace(proxied(this.phone.person.id, url)); }

  refresh() {}

  ended() { window.removeEventListener("message", this.listen); }

  hear(event) {
    if (event.origin !== location.origin || event.source !== this.frame.contentWindow) return;
    const { wechat, id, content } = event.data || {};
    if (wechat === "title") this.arrived(content);
    if (wechat === "share") this.share = content;
    if (wechat === "close") this.phone.leave(this);
    if (wechat === "scan") this.phone.attempt(() => this.scanOne(content.url));
    if (wechat === "pictures") this.pictures?.(content.urls);
    if (wechat === "transfer") this.phone.attempt(() => this.take(event.source, id, content));
    if (wechat === "pay") this.phone.attempt(() => this.pay(event.source, id, content));
  }

  arrived({ title, url, isNew }) {
    this.name = title || new URL(url).host;
    if (isNew) {
      this.share = null;
      if (this.isGoingBack) this.visited.pop();
      this.isGoingBack = false;
      if (this.visited.at(-1) !== url) this.visited.push(url);
    }
    this.phone.drawHead();
  }

  get url() { return this.visited.at(-1); }

  async more() {
    const chosen = await this.phone.sheets.choose(this.name, [
      ["send", t("发给朋友")], ["reload", t("刷新")], ["scan", t("识别页面里的二维码")], ["copy", t("复制链接")],
    ]);
    if (chosen === "send") await this.sendToFriend();
    if (chosen === "reload" && this.url) this.show(this.url);
    if (chosen === "scan") await this.scanAll();
    if (chosen === "copy" && this.url) {
      await navigator.clipboard.writeText(this.url);
      this.phone.sheets.toast(t("已复制"));
    }
  }

  // What the page asked for with wx.updateAppMessageShareData, else its title and address.
  card() {
    const said = this.share || {};
    return {
      type: "link", title: (said.title || this.name).slice(0, 500), url: said.link || this.url,
      description: (said.desc || "").slice(0, 2000), pic_url: said.imgUrl || "",
    };
  }

  async sendToFriend() {
    if (!this.url) return;
    await this.phone.sendToFriend(this.card());
  }

  scanAll() {
    return new Promise((resolve) => {
      this.pictures = (urls) => { this.pictures = null; resolve(this.scanFirst(urls)); };
      this.frame.contentWindow.postMessage({ wechatAsks: "pictures" }, location.origin);
    });
  }

  async scanFirst(urls) {
    for (const url of urls) {
      const told = await this.read(url);
      if (told.found) { this.phone.follows(told.text); return; }
    }
    this.phone.sheets.toast(t("没有在图里找到二维码"));
  }

  async scanOne(url) {
    const chosen = await this.phone.sheets.choose(t("图片"), [["scan", t("识别图中的二维码")]]);
    if (chosen === "scan") await this.scanFirst([url]);
  }

  read(url) { return call("POST", `/phone/scan?person=${this.phone.person.id}&url=${encodeURIComponent(url)}`); }

  // The receiver of a merchant's transfer takes it, or leaves it for later.
  async take(target, id, content) {
    const chosen = await this.phone.sheets.choose(t("商家转账"), [["take", t("收下这笔钱")]]);
    const told = chosen === "take"
      ? await call("POST", this.phone.mine("confirm-transfer"), { package_info: content.package || "" })
      : { err_msg: "requestMerchantTransfer:cancel" };
    target.postMessage({ wechatAnswer: true, id, content: { err_msg: told.err_msg } }, location.origin);
  }

  async pay(target, id, payment) {
    const sheet = await call("POST", "/phone/sheet", payment);
    const outcome = await this.phone.sheets.pay({
      what: sheet.known ? sheet.description : "", amountFen: sheet.known ? sheet.amount_fen : null, way: t("零钱"),
    });
    const told = await this.phone.pay("jsapi", payment, outcome);
    if (told.err_msg === null) return;
    target.postMessage({ wechatAnswer: true, id, content: { err_msg: told.err_msg, err_desc: told.err_desc || "" } }, location.origin);
  }
}
