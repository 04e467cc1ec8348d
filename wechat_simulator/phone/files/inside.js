// What WeChat puts into every page it shows: WeixinJSBridge and wx. Requests stay in the proxy.
(() => {
  "use strict";
  const page = window.__wechatPage;
  const real = new URL(page.url);
  const prefix = (url) => {
    const full = new URL(url, page.url);
    if (full.origin === location.origin) {
      if (full.pathname.startsWith("/phone/")) return full.href;
      full.protocol = real.protocol;
      full.host = real.host;
    }
    if (!/^https?:$/.test(full.protocol)) return url;
    const scheme = full.protocol.slice(0, -1);
    return `/phone/proxy/${page.person}/${scheme}/${full.host}${full.pathname}${full.search}${full.hash}`;
  };
  const fetchBefore = window.fetch;
  window.fetch = (input, options) => fetchBefore(
    input instanceof Request ? new Request(prefix(input.url), input) : prefix(input), options);
  const openBefore = XMLHttpRequest.prototype.open;
  XMLHttpRequest.prototype.open = function (method, url, ...rest) {
    return openBefore.call(this, method, prefix(url), ...rest);
  };
  document.addEventListener("click", (event) => {
    const link = event.target.closest && event.target.closest("a[href]");
    if (!link || event.defaultPrevented) return;
    link.removeAttribute("target");
    const href = link.getAttribute("href");
    if (/^https?:|^\//.test(href) && !href.startsWith("/phone/")) {
      event.preventDefault();
      location.href = prefix(href);
    }
  });
  document.addEventListener("submit", (event) => {
    const action = event.target.getAttribute("action") || page.url;
    if (!action.startsWith("/phone/")) event.target.setAttribute("action", prefix(action));
  }, true);

  let number = 0;
  const waiting = new Map();
  const ask = (what, content) => new Promise((resolve) => {
    const id = ++number;
    waiting.set(id, resolve);
    window.parent.postMessage({ wechat: what, id, content, person: page.person }, location.origin);
  });
  window.addEventListener("message", (event) => {
    if (event.origin !== location.origin || !event.data || !event.data.wechatAnswer) return;
    const resolve = waiting.get(event.data.id);
    waiting.delete(event.data.id);
    if (resolve) resolve(event.data.content);
  });

  const bridge = {
    invoke(name, content, done) {
      const answer = (result) => { if (done) done(result); };
      if (name === "getBrandWCPayRequest") {
        ask("pay", content || {}).then((result) => answer(result));
      } else if (name === "requestMerchantTransfer") {
        ask("transfer", content || {}).then((result) => answer(result));
      } else if (name === "closeWindow") {
        ask("close", {});
      } else {
        answer({ err_msg: `${name}:ok` });
      }
    },
    call(name) { this.invoke(name, {}); },
    on() {},
  };
  window.WeixinJSBridge = bridge;
  const announce = () => document.dispatchEvent(new Event("WeixinJSBridgeReady"));
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", announce);
  else setTimeout(announce);

  const ready = [];
  const wrong = [];
  let state = "none";
  const settle = (ok, text) => {
    state = ok ? "ready" : "wrong";
    const calls = (ok ? ready : wrong).splice(0);
    for (const one of calls) one(ok ? undefined : { errMsg: text });
  };
  const share = (name) => (options = {}) => {
    const { title, desc, link, imgUrl } = options;
    // As in WeChat, a page whose `wx.config` was refused shares its bare title and address.
    if (state === "ready") ask("share", { title, desc, link, imgUrl });
    const result = { errMsg: `${name}:${state === "ready" ? "ok" : "fail"}` };
    const told = state === "ready" ? options.success : options.fail;
    if (told) told(result);
    if (options.complete) options.complete(result);
  };
  const simple = (name) => (options = {}) => {
    const result = { errMsg: `${name}:ok` };
    if (options.success) options.success(result);
    if (options.complete) options.complete(result);
  };
  const wx = {
    config(options) {
      const told = { url: page.url, ...options };
      fetchBefore("/phone/jssdk", { method: "POST", body: JSON.stringify(told) })
        .then((answer) => answer.json())
        .then((answer) => settle(answer.ok, answer.errMsg))
        .catch(() => settle(false, "config:fail"));
    },
    ready(done) { if (state === "ready") done(); else ready.push(done); },
    error(done) { if (state === "wrong") done({ errMsg: "config:fail" }); else wrong.push(done); },
    checkJsApi(options) {
      const checkResult = Object.fromEntries((options.jsApiList || []).map((name) => [name, true]));
      if (options.success) options.success({ checkResult, errMsg: "checkJsApi:ok" });
    },
    chooseWXPay(options) {
      const content = {
        appId: options.appId || "",
        timeStamp: String(options.timestamp || options.timeStamp || ""),
        nonceStr: options.nonceStr, package: options.package,
        signType: options.signType, paySign: options.paySign,
      };
      ask("pay", content).then((result) => {
        const end = result.err_msg.split(":")[1];
        const told = { ...result, errMsg: `chooseWXPay:${end}` };
        if (end === "ok" && options.success) options.success(told);
        else if (end === "cancel" && options.cancel) options.cancel(told);
        else if (end !== "ok" && options.fail) options.fail(told);
        if (options.complete) options.complete(told);
      });
    },
    closeWindow() { ask("close", {}); },
    miniProgram: { getEnv(done) { done({ miniprogram: false }); } },
  };
  for (const name of ["updateTimelineShareData", "hideMenuItems",
    "showMenuItems", "hideAllNonBaseMenuItem", "showAllNonBaseMenuItem", "hideOptionMenu",
    "showOptionMenu", "onMenuShareTimeline", "previewImage"]) {
    wx[name] = simple(name);
  }
  for (const name of ["updateAppMessageShareData", "onMenuShareAppMessage"]) wx[name] = share(name);
  window.wx = window.jWeixin = wx;
  const tell = (isNew) => ask("title", { title: document.title, url: page.url, isNew });
  tell(true);
  document.addEventListener("DOMContentLoaded", () => {
    tell(false);
    new MutationObserver(() => tell(false)).observe(document.head, { subtree: true, childList: true, characterData: true });
  });

  // Pictures: a long press (or the right button) asks whether there is a code in it.
  const addressOf = (image) => {
    const full = new URL(image.currentSrc || image.src, location.href);
    const led = /^\/phone\/proxy\/[^/]+\/(https?)\/(.*)$/.exec(full.pathname + full.search);
    return led ? `${led[1]}://${led[2]}` : full.href;
  };
  // A finger's long press is the browser's own context menu; a mouse that is held down is taken for one.
  const HOLD_MS = 550;
  const STRAY_PX = 8;
  let held = null;
  const imageAt = (event) => event.target.closest && event.target.closest("img");
  const release = () => { clearTimeout(held?.timer); held = null; };
  const scan = (image) => { release(); ask("scan", { url: addressOf(image) }); };
  document.addEventListener("contextmenu", (event) => {
    const image = imageAt(event);
    if (!image) return;
    event.preventDefault();
    scan(image);
  });
  document.addEventListener("pointerdown", (event) => {
    release();
    const image = imageAt(event);
    if (!image || event.pointerType !== "mouse" || event.button !== 0) return;
    held = { x: event.clientX, y: event.clientY, timer: setTimeout(() => scan(image), HOLD_MS) };
  });
  document.addEventListener("pointermove", (event) => {
    if (held && Math.hypot(event.clientX - held.x, event.clientY - held.y) > STRAY_PX) release();
  });
  for (const name of ["pointerup", "pointercancel", "scroll"]) document.addEventListener(name, release, true);
  // A picture that is held is not dragged away.
  document.addEventListener("dragstart", (event) => { if (imageAt(event)) event.preventDefault(); });
  window.addEventListener("message", (event) => {
    if (event.origin !== location.origin || !event.data || event.data.wechatAsks !== "pictures") return;
    const urls = [...document.images].filter((one) => one.src).map(addressOf);
    ask("pictures", { urls });
  });
})();
