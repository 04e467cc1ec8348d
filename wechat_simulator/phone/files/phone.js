// The telephone: one person, one chat, the web pages it opens, the pay sheet.
(() => {
  "use strict";
  const $ = (id) => document.getElementById(id);
  const make = (tag, props = {}, ...inside) => {
    const element = Object.assign(document.createElement(tag), props);
    element.append(...inside);
    return element;
  };
  let person = null;
  let drawn = "";
  let asked = null;
  let isAtEnd = true;

  const call = async (method, path, content) => {
    const answer = await fetch(path, {
      method, headers: { "Content-Type": "application/json" },
      body: content === undefined ? undefined : JSON.stringify(content),
    });
    const told = await answer.json();
    if (!answer.ok) throw new Error(told.message || "没有成功，请再试一次");
    return told;
  };
  const doing = async (work) => {
    try { await work(); } catch (error) { toast(error.message); }
    await refresh();
  };
  const mine = (name) => `/_sim/people/${person.id}/${name}`;
  const toast = (text) => {
    $("toast").textContent = text;
    $("toast").hidden = false;
    clearTimeout(toast.timer);
    toast.timer = setTimeout(() => { $("toast").hidden = true; }, 2600);
  };

  const openPage = (url) => {
    let full;
    try { full = new URL(url, location.href); } catch { toast("这个链接打不开"); return; }
    if (!/^https?:$/.test(full.protocol)) { toast("这个链接打不开"); return; }
    const scheme = full.protocol.slice(0, -1);
    $("frame").src = `/phone/proxy/${person.id}/${scheme}/${full.host}${full.pathname}${full.search}${full.hash}`;
    $("web").hidden = false;
    $("back").hidden = false;
    $("title").textContent = "正在打开…";
  };
  const closePage = () => {
    $("frame").src = "about:blank";
    $("web").hidden = true;
    $("back").hidden = true;
    $("title").textContent = person ? "公众号" : "请先选择一个人";
    refresh();
  };

  const withLinks = (text) => {
    const box = make("span");
    const read = new DOMParser().parseFromString(text.replace(/<(?!\/?a[\s>])/gi, "&lt;"), "text/html");
    for (const node of read.body.childNodes) {
      if (node.nodeName === "A" && node.getAttribute("href")) {
        box.append(link(node.textContent, node.getAttribute("href")));
        continue;
      }
      let rest = node.textContent;
      for (let found; (found = /https?:\/\/[^\s，。；！？、]+/.exec(rest));) {
        box.append(rest.slice(0, found.index), link(found[0], found[0]));
        rest = rest.slice(found.index + found[0].length);
      }
      box.append(rest);
    }
    return box;
  };
  const link = (text, url) => make("button", {
    type: "button", className: "link", textContent: text, onclick: () => openPage(url),
  });
  const card = (one) => {
    const box = make("button", { type: "button", className: "card", onclick: () => openPage(one.url) });
    if (one.pic_url) box.append(make("img", { src: one.pic_url, alt: "" }));
    box.append(make("b", { textContent: one.title || "链接" }));
    box.append(make("span", { textContent: one.description || "" }));
    return box;
  };
  const picture = (one) => {
    const box = make("div", { className: "bubble" });
    const source = one.pic_url || `/mmbiz/${one.media_id}`;
    box.append(make("img", { src: source, alt: "图片" }));
    return box;
  };
  const bubble = (...inside) => make("div", { className: "bubble" }, ...inside);
  const yuan = (fen) => `¥${(fen / 100).toFixed(2)}`;

  const content = (one) => {
    if (one.type === "text") return bubble(withLinks(one.text));
    if (one.type === "image") return picture(one);
    if (one.type === "news") return make("div", {}, ...one.articles.map(card));
    if (one.type === "link") return card(one);
    if (one.type === "msgmenu") {
      const items = one.list.map((item) => make("div", {}, make("button", {
        type: "button", className: "link", textContent: item.content,
        onclick: () => doing(() => call("POST", mine("send"), { type: "text", text: item.content, bizmsgmenuid: String(item.id) })),
      })));
      return bubble(one.head, ...items, one.tail);
    }
    if (one.type === "template" || one.type === "subscribe") {
      const lines = Object.entries(one.values).map(([name, value]) => `${name}：${value}`);
      return bubble(["服务通知", ...lines].join("\n"));
    }
    const names = { voice: "［语音］", video: "［视频］", shortvideo: "［小视频］", location: "［位置］", music: "［音乐］", file: "［文件］", miniprogrampage: "［小程序］", transfer_customer_service: "已转接人工客服" };
    return bubble(`${names[one.type] || `［${one.type}］`}${one.title || one.label || ""}`);
  };
  const row = (one) => {
    if (one.channel === "pay") {
      return make("p", { className: "note", textContent: `微信支付　${one.title || one.description || ""} ${yuan(one.amount_fen || 0)}` });
    }
    if (one.via === "notice") return make("p", { className: "note", textContent: one.text });
    const said = one.via === "person";
    const face = make("span", { className: "face", textContent: said ? [...person.nickname][0] : "号" });
    face.setAttribute("aria-hidden", "true");
    return make("div", { className: said ? "row mine" : "row" }, face, content(one));
  };

  const drawMenu = async () => {
    const { button } = await call("GET", "/phone/menu");
    $("menu").replaceChildren(...button.map((top) => {
      const box = make("div");
      const name = make("button", { type: "button", textContent: top.name });
      if (top.sub_button && top.sub_button.length) {
        const list = make("ul", { hidden: true }, ...top.sub_button.map((sub) => make("li", {}, make("button", {
          type: "button", textContent: sub.name, onclick: () => { list.hidden = true; tap(sub); },
        }))));
        name.onclick = () => {
          const open = list.hidden;
          for (const other of $("menu").querySelectorAll("ul")) other.hidden = true;
          list.hidden = !open;
        };
        box.append(list);
      } else name.onclick = () => tap(top);
      box.append(name);
      return box;
    }));
    $("menu").hidden = button.length === 0;
  };
  const tap = (one) => doing(async () => {
    const told = await call("POST", mine("tap"), { key: one.key || one.url || one.pagepath || one.name });
    if (told.opens) openPage(told.opens);
  });

  // The menu that appears and a picture that arrives late must not push the last message away.
  const toEnd = () => { if (isAtEnd) $("chat").scrollTop = $("chat").scrollHeight; };
  $("chat").addEventListener("scroll", () => {
    const below = $("chat").scrollHeight - $("chat").clientHeight - $("chat").scrollTop;
    isAtEnd = below < 24;
  });
  $("chat").addEventListener("load", toEnd, true);
  new ResizeObserver(toEnd).observe($("chat"));

  const refresh = async () => {
    if (!person) return;
    try {
      const { items } = await call("GET", `${mine("messages")}?all=1`);
      const now = JSON.stringify([person.id, items.length, items.at(-1)]);
      if (now === drawn) return;
      drawn = now;
      $("chat").replaceChildren(...items.map(row));
      isAtEnd = true;
      toEnd();
    } catch (error) { toast(error.message); }
  };
  const choose = async (one) => {
    person = await call("GET", `/_sim/people/${one.id}`);
    drawn = "";
    history.replaceState(null, "", `/phone?person=${person.id}`);
    $("follow").hidden = false;
    $("follow").textContent = person.following ? "取消关注" : "关注";
    $("say").hidden = false;
    closePage();
    await listPeople();
    await drawMenu();
    await refresh();
  };
  const listPeople = async () => {
    const { items } = await call("GET", "/_sim/people");
    const devices = { android: "安卓", ios: "苹果", windows: "Windows", mac: "Mac" };
    $("people").replaceChildren(...items.map((one) => {
      const button = make("button", { type: "button", onclick: () => doing(() => choose(one)) },
        `${one.nickname} `, make("small", { textContent: devices[one.device] }));
      button.setAttribute("aria-current", String(Boolean(person && person.id === one.id)));
      return make("li", {}, button);
    }));
    return items;
  };

  $("new-person").addEventListener("submit", (event) => {
    event.preventDefault();
    doing(async () => {
      const one = await call("POST", "/_sim/people", { nickname: $("nickname").value, device: $("device").value });
      $("nickname").value = "";
      await choose(one);
    });
  });
  $("follow").onclick = () => doing(async () => {
    await call("POST", mine(person.following ? "unfollow" : "follow"), {});
    await choose(person);
  });
  $("say").addEventListener("submit", (event) => {
    event.preventDefault();
    const text = $("text").value;
    if (!text.trim()) return;
    $("text").value = "";
    doing(() => call("POST", mine("send"), { type: "text", text }));
  });
  const kinds = { image: "图片", voice: "语音", video: "视频", shortvideo: "小视频", location: "位置", link: "链接", file: "文件" };
  for (const [type, name] of Object.entries(kinds)) {
    $("kinds").append(make("button", {
      type: "button", textContent: name,
      onclick: () => doing(() => {
        const extra = type === "link" ? { title: "一个链接", url: "https://example.com/" } : {};
        return call("POST", mine("send"), { type, ...extra });
      }),
    }));
  }
  $("more").onclick = () => {
    $("kinds").hidden = !$("kinds").hidden;
    $("more").setAttribute("aria-expanded", String(!$("kinds").hidden));
  };
  $("back").onclick = closePage;

  const answer = (target, id, told) => target.postMessage({ wechatAnswer: true, id, content: told }, location.origin);
  window.addEventListener("message", async (event) => {
    if (event.origin !== location.origin || event.source !== $("frame").contentWindow) return;
    const { wechat, id, content: given } = event.data || {};
    if (wechat === "title") $("title").textContent = given.title || new URL(given.url).host;
    if (wechat === "close") closePage();
    if (wechat === "pay") {
      asked = { source: event.source, id, payment: given };
      const sheet = await call("POST", "/phone/sheet", given);
      $("sheet-what").textContent = sheet.known ? sheet.description : "支付";
      $("sheet-amount").textContent = sheet.known ? yuan(sheet.amount_fen) : "";
      $("sheet").hidden = false;
      $("pay-confirm").focus();
    }
  });
  const settle = (outcome) => async () => {
    const one = asked;
    if (!one) return;
    asked = null;
    $("sheet").hidden = true;
    try {
      const told = await call("POST", mine("pay"), { rail: "jsapi", payment: one.payment, outcome });
      toast(told.err_msg.endsWith(":ok") ? "支付成功" : told.err_msg.endsWith("cancel") ? "已取消支付" : told.err_desc || "支付没有成功");
      answer(one.source, one.id, { err_msg: told.err_msg, err_desc: told.err_desc || "" });
    } catch (error) {
      toast(error.message);
      answer(one.source, one.id, { err_msg: "get_brand_wcpay_request:fail" });
    }
    refresh();
  };
  $("pay-confirm").onclick = settle("pay");
  $("pay-cancel").onclick = settle("cancel");
  $("pay-fail").onclick = settle("fail");

  const inBeijing = new Intl.DateTimeFormat("zh-CN", {
    timeZone: "Asia/Shanghai", hour: "2-digit", minute: "2-digit", hourCycle: "h23",
  });
  const showTime = () => { $("time").textContent = inBeijing.format(new Date()); };
  showTime();
  setInterval(() => { showTime(); refresh(); }, 1500);
  doing(async () => {
    const items = await listPeople();
    const wanted = new URLSearchParams(location.search).get("person");
    const one = items.find((each) => each.id === wanted);
    if (one) await choose(one);
    else if (wanted) toast("没有这个人，请在左边选择");
  });
})();
