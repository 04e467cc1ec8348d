// Beside the telephones: the time, what shall go wrong, and WeChat's own books.
import { button, call, clockOf, fullTime, make, secondsAhead, simulatedNow, yuan } from "./ground.js";
import { t } from "./words.js";

const DAY_S = 86400;
const STEPS = [["+1 分钟", 60], ["+1 小时", 3600], ["+1 天", DAY_S], ["+7 天", 7 * DAY_S]];
const both = (fault, more = {}) => ["push:payment", "push:xpay"].map((route) => ({ route, fault, ...more }));
const slow = (route) => ({ route, fault: "delay", delay_s: 3, times: 20 });
const DIAL = [
  ["支付通知来两次", both("duplicate")],
  ["支付通知晚 60 秒", both("delay", { delay_s: 60 })],
  ["支付通知丢失", both("drop", { times: 3 })],
  ["支付通知被改", both("tamper")],
  ["聊天消息来两次", [{ route: "push:message", fault: "duplicate" }]],
  ["微信慢 3 秒", [slow("POST /v3/…"), slow("POST /cgi-bin/…"), slow("POST /xpay/…")]],
];
const RAILS = { jsapi: "JSAPI", xpay_android: "Android", xpay_ios: "iOS" };

export class Drawer {
  // `desk`: known(personId), beat() after time has moved.
  constructor(box, desk) {
    this.box = box;
    this.desk = desk;
    this.now = make("p", { className: "now", role: "timer" });
    this.ahead = make("p", { className: "hint" });
    this.said = make("p", { className: "hint", role: "status" });
    this.rules = make("ul", { className: "rules" });
    this.sums = make("p", { className: "hint" });
    this.rows = make("tbody");
    box.setAttribute("aria-label", t("时钟和故障"));
    box.append(this.clock(), this.faults(), this.books());
  }

  clock() {
    return make("section", {}, make("h2", { textContent: t("时钟") }), this.now, this.ahead,
      make("div", { className: "dials" }, ...STEPS.map(([name, seconds]) => button(t(name), () => this.doing(async () => {
        await call("POST", "/_sim/clock", { advance_s: seconds });
        await this.desk.beat();
      })))), make("p", { className: "hint", textContent: t("时间只能往前走，后台和模拟器一起走。") }), this.said);
  }

  faults() {
    const order = (rules) => () => this.doing(() => call("PUT", "/_sim/faults", { rules }));
    return make("section", {}, make("h2", { textContent: t("故障") }),
      make("div", { className: "dials" }, ...DIAL.map(([name, rules]) => button(t(name), order(rules))), button(t("全部清除"), order([]), { className: "clear" })), this.rules);
  }

  books() {
    const heads = ["谁", "通道", "金额", "状态", "时间"].map((one) => make("th", { scope: "col", textContent: t(one) }));
    return make("section", {}, make("h2", { textContent: t("账本") }), make("p", { className: "hint", textContent: t("微信这一边记的钱。后台的账应当与它分文不差。") }), this.sums,
      make("div", { className: "books", tabIndex: 0, role: "region", "aria-label": t("账本") }, make("table", {}, make("thead", {}, make("tr", {}, ...heads)), this.rows)));
  }

  async doing(work) {
    this.said.textContent = "";
    for (const one of this.box.querySelectorAll("button")) one.disabled = true;
    try { await work(); } catch (error) { this.said.textContent = error.message; }
    for (const one of this.box.querySelectorAll("button")) one.disabled = false;
    await this.refresh();
  }

  tick() {
    if (this.box.hidden) return;
    this.now.textContent = fullTime(simulatedNow());
    const ahead = Math.round(secondsAhead());
    this.ahead.textContent = Math.abs(ahead) < 5 ? t("和真实时间一样") : t("快了 %s", span(ahead));
  }

  async refresh() {
    if (this.box.hidden) return;
    this.tick();
    const [faults, books] = await Promise.all([call("GET", "/_sim/faults"), call("GET", "/_sim/books")]);
    const live = faults.rules.filter((one) => one.times > 0);
    this.rules.replaceChildren(...(live.length
      ? live.map((one) => make("li", {}, make("code", { textContent: `${one.route} ${one.fault}` }), ` ${t("还剩 %s 次", one.times)}`))
      : [make("li", { textContent: t("没有故障，一切照常。") })]));
    const paid = books.payments;
    const sum = (name) => yuan(paid.reduce((total, one) => total + one[name], 0));
    this.sums.textContent = paid.length ? t("%s 笔，共 %s，手续费 %s", paid.length, sum("amount_fen"), sum("fee_fen")) : t("还没有付款。");
    this.rows.replaceChildren(...paid.slice().reverse().slice(0, 100).map((one) => this.row(one)));
  }

  row(one) {
    const at = new Date(one.paid_at);
    const day = at.toLocaleDateString("zh-CN", { timeZone: "Asia/Shanghai", month: "numeric", day: "numeric" });
    const cells = [this.desk.known(one.person_id)?.nickname || one.person_id, RAILS[one.rail] || one.rail, yuan(one.amount_fen), t(one.state === "REFUND" ? "已退" : "已付"), `${day} ${clockOf(at / 1000)}`];
    return make("tr", { title: one.trade_no }, ...cells.map((text) => make("td", { textContent: text })));
  }
}

const span = (seconds) => {
  const days = Math.floor(seconds / DAY_S);
  const hours = Math.floor((seconds % DAY_S) / 3600);
  const minutes = Math.floor((seconds % 3600) / 60);
  return [[days, "天"], [hours, "小时"], [minutes, "分钟"]].filter(([count]) => count).map(([count, name]) => `${count} ${t(name)}`).join(" ") || `${seconds} s`;
};
