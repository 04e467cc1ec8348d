// A mini-program, small and honest: it knows `/api/v1` and the pay sheet, and nothing else.
import { badge, button, icon, make, yuan } from "./ground.js";
import { Shop } from "./shop.js";
import { t } from "./words.js";

const ALLOWED = new Set("P H1 H2 H3 H4 H5 H6 UL OL LI BLOCKQUOTE STRONG EM B I CODE PRE HR BR FIGURE FIGCAPTION TABLE THEAD TBODY TR TH TD SPAN DIV DEL S".split(" "));
const PAGES = ["index", "creator", "column", "work", "mine"];
const POLLS_IN_DOUBT = 8;
const WAYS = { xpay_android: "虚拟支付 · 安卓", xpay_ios: "虚拟支付 · 苹果内购" };
const KINDS = { work: "解锁全文", column_forever: "订阅专栏 · 永久", column_term: "订阅专栏 · 一段时间" };

export class MiniProgram {
  constructor(phone, path) {
    this.phone = phone;
    this.shop = new Shop(phone.person);
    this.ownHead = true;
    this.pages = [];
    this.bar = make("header", { className: "mini-bar" });
    this.page = make("div", { className: "mini-page", tabIndex: 0, role: "region" });
    this.tabs = make("nav", { className: "tabs", "aria-label": t("小程序") },
      make("button", { type: "button", onclick: () => this.goRoot("index") }, icon("app"), t("首页")),
      make("button", { type: "button", onclick: () => this.goRoot("mine") }, icon("lock"), t("已购")));
    this.element = make("div", { className: "screen mini" }, this.bar, this.page, this.tabs);
    this.go(this.read(path || "pages/index"));
  }

  title() { return this.phone.desk.shown.mini_name; }
  refresh() {}

  read(path) {
    const [where, query = ""] = path.replace(/^\//, "").split("?");
    const name = where.replace(/^pages\//, "").split("/")[0];
    return { name: PAGES.includes(name) ? name : "index", ...Object.fromEntries(new URLSearchParams(query)) };
  }

  go(place) { this.pages.push(place); return this.draw(); }
  goRoot(name) { this.pages = []; return this.go({ name }); }
  goBack() {
    if (this.pages.length < 2) return false;
    this.pages.pop();
    this.draw();
    return true;
  }

  async draw() {
    const place = this.pages.at(-1);
    this.invitation = null;
    this.drawBar(this.title());
    this.page.replaceChildren(make("p", { className: "note", textContent: "…" }));
    try {
      const parts = await this[place.name](place);
      if (place !== this.pages.at(-1)) return;
      this.page.replaceChildren(...parts.filter(Boolean));
      this.page.scrollTop = 0;
    } catch (error) {
      this.page.replaceChildren(make("p", { className: "note", role: "alert", textContent: t("小程序出错了：%s", error.message) }),
        button(t("重新打开"), () => this.draw(), { className: "main wide" }));
    }
  }

  drawBar(title) {
    this.page.setAttribute("aria-label", title);
    const back = make("button", { type: "button", className: "bare back", "aria-label": t("返回"), onclick: () => this.phone.back() }, icon("back"));
    const share = make("button", { type: "button", className: "bare", "aria-label": t("发给朋友"), onclick: () => this.phone.attempt(() => this.share()) }, icon("more"));
    const close = make("button", { type: "button", className: "bare", "aria-label": t("关闭"), onclick: () => this.phone.leave(this) }, icon("close"));
    this.bar.replaceChildren(this.pages.length > 1 ? back : "", make("h2", { textContent: title }), make("span", { className: "capsule" }, share, close));
    this.name = title;
  }

  // Its own invitation, asked for when the page was drawn; a page without one is passed on bare.
  async share() {
    const { name, from, ...query } = this.pages.at(-1);
    const own = await this.invitation;
    if (own) query.from = own;
    const path = `pages/${name}?${new URLSearchParams(query)}`;
    return this.phone.sendToFriend({ type: "miniprogrampage", title: this.name, page_path: path });
  }

  // Who is here, and by whose card: told to the backend, which signs what this person may pass on.
  isHere(type, id, from) {
    const given = { object_type: type, object_id: id, ...(from ? { came_by: from } : {}) };
    this.invitation = this.shop.ask("POST", "shares", given).then((told) => told.token, () => null);
  }

  cell(words, tail, act) {
    return make("button", { type: "button", className: "cell", onclick: act }, make("span", { textContent: words }), make("small", { textContent: tail || "›" }));
  }

  // --- pages: each gives what it consists of ----------------------------------------------------
  index() {
    const input = make("input", { "aria-label": t("创作者主页名"), placeholder: t("创作者主页名"), value: "", autocapitalize: "off" });
    const form = make("form", { className: "find" }, input, make("button", { type: "submit", className: "main", textContent: t("打开") }));
    form.onsubmit = (event) => {
      event.preventDefault();
      if (input.value.trim()) this.go({ name: "creator", handle: input.value.trim() });
    };
    const { handles } = this.phone.desk.shown;
    return [
      make("div", { className: "hero" }, badge("mini", "app"), make("p", { textContent: t("输入创作者的主页名，看看他的专栏。") })), form,
      handles.length ? make("h3", { textContent: t("创作者") }) : null,
      ...handles.map((one) => this.cell(one, "›", () => this.go({ name: "creator", handle: one }))),
    ];
  }

  async creator({ handle, from }) {
    const told = await this.shop.ask("GET", `creators/${encodeURIComponent(handle)}`);
    this.drawBar(told.name);
    this.isHere("creator", told.id, from);
    return [
      make("h3", { textContent: t("专栏") }),
      ...told.columns.map((one) => this.cell(one.title, "›", () => this.go({ name: "column", id: one.id }))),
      told.columns.length ? null : make("p", { className: "note", textContent: t("还没有开放的专栏。") }),
    ];
  }

  async column({ id, from }) {
    const told = await this.shop.ask("GET", `columns/${encodeURIComponent(id)}`);
    this.drawBar(told.title);
    this.isHere("column", id, from);
    return [
      make("p", { className: "byline", textContent: `${t(told.field.kind === "interest" ? "兴趣" : "职业")} · ${told.field.name} · ${told.promise}` }),
      make("h3", { textContent: t("作品") }),
      ...told.works.map((one) => this.cell(one.title, t(one.unlocked ? "已解锁" : "试读"), () => this.go({ name: "work", id: one.id }))),
      told.works.length ? null : make("p", { className: "note", textContent: t("还没有作品。") }),
      told.fan_groups.length ? make("h3", { textContent: t("粉丝群") }) : null,
      ...told.fan_groups.map((one) => this.cell(one.name, t("进群"), () => this.phone.attempt(() => this.join(one.id)))),
      ...this.offers(told.products),
    ];
  }

  async join(groupId) {
    const door = await this.shop.ask("GET", `fan-groups/${encodeURIComponent(groupId)}/door`);
    this.phone.openPage(door.url);
  }

  async work({ id, from }) {
    const told = await this.shop.ask("GET", `works/${encodeURIComponent(id)}`);
    this.drawBar(told.title);
    this.isHere("work", id, from);
    const text = make("article", { className: "text" }, make("h3", { textContent: told.title }));
    this.write(text, told.unlocked ? told.html : told.preview_html);
    return [text,
      told.unlocked ? null : make("p", { className: "byline locked" }, icon("lock"), t("剩下的部分要解锁后才看得到。")),
      ...(told.unlocked ? [] : this.offers(told.products))];
  }

  async mine() {
    this.drawBar(t("已购"));
    const { items } = await this.shop.ask("GET", "me/entitlements");
    if (!items.length) return [make("p", { className: "note", textContent: t("还没有买过内容。") })];
    return Promise.all(items.map((one) => this.owned(one)));
  }

  async owned({ object_type: type, object_id: id, ends_at: ends }) {
    const tail = ends ? t("%s 到期", ends.slice(0, 10)) : t("永久");
    const name = type === "work" ? "work" : "column";
    let title = t(name === "work" ? "单篇" : "专栏通行");
    try { ({ title } = await this.shop.ask("GET", `${name}s/${id}`)); } catch { /* withdrawn: the name is not told */ }
    return this.cell(title, tail, () => this.go({ name, id }));
  }

  // --- buying -----------------------------------------------------------------------------------
  offers(products) {
    const sold = products.filter((one) => one.price_fen !== null && one.price_fen > 0);
    if (!sold.length) return [];
    this.told = make("p", { className: "told", role: "status" });
    return [make("div", { className: "offers" }, ...sold.map((one) =>
      button(`${yuan(one.price_fen)} ${t(KINDS[one.kind] || "打开")}`, () => this.phone.attempt(() => this.buy(one)), { className: one === sold[0] ? "main wide" : "wide" })), this.told)];
  }

  // One purchase at a time, however often the button is pressed.
  async buy(product) {
    if (this.isBuying) return;
    this.isBuying = true;
    try {
      if (await this.isBought(product)) await this.bought();
    } catch (refused) {
      this.tell("");
      if (refused.code !== "already_owned") throw refused;
      await this.bought();
    } finally { this.isBuying = false; }
  }

  bought() {
    this.unheard = null;
    this.phone.sheets.toast(t("已解锁，请慢慢读。"));
    return this.draw();
  }

  async isBought(product) {
    // What was paid without a word of the sheet is not ordered again.
    if (this.unheard && await this.shop.isPaid(this.unheard)) return true;
    this.tell(t("正在下单…"));
    const order = await this.shop.order(product.id);
    if (order.state === "paid") return true;
    this.unheard = order.order_id;
    const asked = JSON.parse(order.pay.signData);
    const outcome = await this.phone.sheets.pay({
      what: this.name, amountFen: asked.goodsPrice * asked.buyQuantity, way: t(WAYS[order.rail] || order.rail),
    });
    const told = await this.phone.pay(order.rail, order.pay, outcome);
    return this.isSettled(order.order_id, told.err_msg);
  }

  // The word of the sheet is a hint, and a lost network says nothing: whether it was paid, the backend knows.
  async isSettled(orderId, said) {
    const [polls, meanwhile, atLast] = said?.endsWith(":ok")
      ? [undefined, t("支付确认中…"), t("还没有收到支付结果，请稍后在「已购」里查看，不会重复扣款。")]
      : said?.endsWith("cancel") ? [1, "", t("没有付款，需要时可以再点一次。")] : [POLLS_IN_DOUBT, t("正在核实这笔付款…"), t("没有查到这笔付款。可以再点一次，不会重复扣款。")];
    this.tell(meanwhile);
    if (await this.shop.waitUntilPaid(orderId, polls)) return true;
    this.tell(atLast);
    return false;
  }

  // A line under the prices, which stays until the page is drawn anew.
  tell(text) { this.told.textContent = text; }

  // Rich text as a mini-program shows it: known tags, no attributes, pictures asked for by hand.
  write(box, html) {
    for (const node of new DOMParser().parseFromString(html || "", "text/html").body.childNodes) this.copy(box, node);
  }

  copy(box, node) {
    if (node.nodeType === Node.TEXT_NODE) box.append(node.textContent);
    if (node.nodeType !== Node.ELEMENT_NODE) return;
    if (node.nodeName === "IMG") { this.place(box, node.getAttribute("src") || "", node.alt); return; }
    const kept = ALLOWED.has(node.nodeName) ? document.createElement(node.nodeName) : make("span");
    for (const child of node.childNodes) this.copy(kept, child);
    box.append(kept);
  }

  place(box, source, words) {
    const image = make("img", { alt: words || t("图片") });
    box.append(image);
    this.shop.picture(source).then((address) => { image.src = address; }).catch(() => image.replaceWith(words || t("图片")));
  }
}
