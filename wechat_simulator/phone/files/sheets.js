// What slides over a telephone's screen: choices, questions, the pay sheet, a short word.
import { button, face, make, yuan } from "./ground.js";
import { t } from "./words.js";

export class Sheets {
  constructor(root) {
    this.root = root;
    this.toastBox = make("p", { className: "toast", role: "status", hidden: true });
    root.append(this.toastBox);
  }

  toast(text) {
    this.toastBox.textContent = text;
    this.toastBox.hidden = false;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => { this.toastBox.hidden = true; }, 2600);
  }

  // Shows a dialog until `end` is called; gives what it was called with.
  show(label, build) {
    this.close?.(null);
    const before = document.activeElement;
    return new Promise((resolve) => {
      const shade = make("div", { className: "shade" });
      const end = (given) => {
        if (this.close === end) this.close = null;
        shade.remove();
        if (before && before.isConnected) before.focus({ preventScroll: true });
        resolve(given);
      };
      this.close = end;
      const sheet = make("div", { className: "sheet", role: "dialog", "aria-modal": "true", "aria-label": label });
      build(sheet, end);
      shade.append(sheet);
      shade.onclick = (event) => { if (event.target === shade) end(null); };
      shade.onkeydown = (event) => {
        if (event.key === "Escape") { event.stopPropagation(); end(null); }
        if (event.key === "Tab") keepInside(event, sheet);
      };
      this.root.append(shade);
      sheet.querySelector("input, .main, button")?.focus({ preventScroll: true });
    });
  }

  // `choices`: [[key, text]]; gives the key, or null.
  choose(label, choices) {
    return this.show(label, (sheet, end) => {
      sheet.classList.add("choices");
      sheet.append(make("p", { className: "sheet-title", textContent: label }));
      for (const [key, text] of choices) sheet.append(button(text, () => end(key)));
      sheet.append(button(t("取消"), () => end(null), { className: "last" }));
    });
  }

  ask(label, usual) {
    return this.show(label, (sheet, end) => {
      const input = make("input", { value: usual, maxLength: 500, "aria-label": label });
      const form = make("form", {}, make("label", { className: "sheet-title", textContent: label }), input,
        make("button", { type: "submit", className: "main", textContent: t("好") }),
        button(t("取消"), () => end(null), { className: "plain" }));
      form.onsubmit = (event) => { event.preventDefault(); end(input.value.trim()); };
      sheet.append(form);
    });
  }

  friend(people) {
    return this.show(t("发给朋友"), (sheet, end) => {
      sheet.classList.add("choices");
      sheet.append(make("p", { className: "sheet-title", textContent: people.length ? t("发给朋友") : t("还没有别的朋友，先添加一个。") }));
      const list = make("div", { className: "friends" }, ...people.map((one) =>
        make("button", { type: "button", onclick: () => end(one) }, face(one.nickname, one.id), make("span", { textContent: one.nickname }))));
      sheet.append(list, button(t("取消"), () => end(null), { className: "last" }));
    });
  }

  // Gives pay, cancel, fail, lost_before or lost_after.
  async pay({ what, amountFen, way }) {
    const outcome = await this.show(what || t("支付"), (sheet, end) => {
      sheet.classList.add("pay");
      sheet.append(
        button("×", () => end("cancel"), { className: "pay-cancel", "aria-label": t("取消支付") }),
        make("p", { className: "pay-what", textContent: what || t("支付") }),
        make("p", { className: "amount", textContent: amountFen === null ? "" : yuan(amountFen) }),
        make("p", { className: "pay-way" }, make("span", { textContent: t("付款方式") }), make("span", { textContent: way })),
        button(t("确认支付"), () => end("pay"), { className: "main" }),
        make("div", { className: "pay-mishaps", role: "group", "aria-label": t("模拟意外") },
          button(t("模拟支付失败"), () => end("fail"), { className: "plain" }),
          button(t("断网：还没付"), () => end("lost_before"), { className: "plain" }),
          button(t("断网：已付款"), () => end("lost_after"), { className: "plain" })),
      );
    });
    return outcome || "cancel";
  }
}

const keepInside = (event, sheet) => {
  const stops = [...sheet.querySelectorAll("button, input")].filter((one) => !one.disabled);
  const edge = event.shiftKey ? stops[0] : stops.at(-1);
  if (document.activeElement === edge) {
    event.preventDefault();
    (event.shiftKey ? stops.at(-1) : stops[0]).focus();
  }
};
