// The mini-program's side of `/api/v1`, written as any stranger's client would be.
import { call } from "./ground.js";
import { t } from "./words.js";

const POLL_MS = 700;
const POLLS_MOST = 40;

export class ShopRefused extends Error {
  constructor(status, told) {
    super(told.detail || told.title || t("没有成功，请再试一次"));
    this.status = status;
    this.code = told.code || "";
  }
}

export class Shop {
  constructor(person) {
    this.person = person;
    this.token = "";
  }

  // wx.login: a fresh code, and with it a fresh session key.
  async code() {
    return (await call("POST", `/_sim/people/${this.person.id}/login`, { app: "mini" })).code;
  }

  async signIn() {
    this.token = "";
    this.token = (await this.send("POST", "sessions", { code: await this.code(), app: "mini" })).token;
  }

  async ask(method, path, content, headers = {}) {
    if (!this.token) await this.signIn();
    try { return await this.send(method, path, content, headers); } catch (refused) {
      if (refused.status !== 401) throw refused;
      await this.signIn();
      return this.send(method, path, content, headers);
    }
  }

  async send(method, path, content, headers = {}) {
    const answer = await fetch(`/phone/mini/${this.person.id}/api/v1/${path}`, {
      method,
      headers: {
        Accept: "application/json",
        ...(content ? { "Content-Type": "application/json" } : {}),
        ...(this.token ? { Authorization: `Bearer ${this.token}` } : {}),
        ...headers,
      },
      body: content ? JSON.stringify(content) : undefined,
    });
    let told = {};
    try { told = await answer.json(); } catch { /* an empty or broken answer says nothing */ }
    if (!answer.ok) throw new ShopRefused(answer.status, told);
    return told;
  }

  // A picture of the backend, fetched with the same right as the text around it.
  async picture(source) {
    const path = source.startsWith("/") ? source.slice(1) : new URL(source).pathname.slice(1) + new URL(source).search;
    const answer = await fetch(`/phone/mini/${this.person.id}/${path}`, { headers: { Authorization: `Bearer ${this.token}` } });
    if (!answer.ok) throw new ShopRefused(answer.status, {});
    return URL.createObjectURL(await answer.blob());
  }

  // A quote and an order; `{order_id, rail, pay, payable_fen}`. A stale session key is renewed once.
  async order(productId) {
    const quote = await this.ask("POST", "quotes", { product_id: productId, device: this.person.device });
    if (!quote.rail) throw new ShopRefused(409, { detail: quote.reasons[0]?.sentence || t("暂时不能在小程序里购买") });
    const place = (given) => this.ask("POST", "orders", { quote_id: quote.quote_id, ...given }, { "Idempotency-Key": crypto.randomUUID() });
    let placed;
    try { placed = await place({}); } catch (refused) {
      if (refused.code !== "session_key_stale") throw refused;
      placed = await place({ login_code: await this.code() });
    }
    return { ...placed, payable_fen: quote.payable_fen };
  }

  async isPaid(orderId) { return (await this.ask("GET", `orders/${orderId}`)).state === "paid"; }

  async waitUntilPaid(orderId, polls = POLLS_MOST) {
    for (let poll = 1; !(await this.isPaid(orderId)); poll += 1) {
      if (poll >= polls) return false;
      await new Promise((done) => { setTimeout(done, POLL_MS); });
    }
    return true;
  }
}
