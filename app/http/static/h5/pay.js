// Opens WeChat's pay sheet and waits until the server says that the money came.
// What the sheet itself reports is only a hint: nothing opens because of it, and nothing is called
// failed because of it. A sheet that lost its network reports nothing at all.
"use strict";

(function () {
  const OK = "get_brand_wcpay_request:ok";
  const CANCELLED = "get_brand_wcpay_request:cancel";
  // How long before each question about an order, in ms.
  const AT_ONCE = [0];
  const PAID_SAID_THE_SHEET = [0].concat(Array(39).fill(1500));
  const FAILED_SAID_THE_SHEET = [0, 1500, 1500, 1500];
  const NOTHING_SAID_THE_SHEET = [3000, 3000, 3000];
  const LATER = Array(20).fill(6000);
  const words = JSON.parse(document.querySelector("[data-words=pay]").textContent);
  const status = document.getElementById("pay-status");
  const pendingKey = "juanliu.pending:" + window.location.pathname;
  // Each tap, and each word of a sheet, begins a watch and ends the one before it.
  let watch = 0;

  function say(text) {
    status.textContent = text;
    status.hidden = false;
  }

  function withBridge(go) {
    if (window.WeixinJSBridge) {
      go();
    } else if (/MicroMessenger/i.test(navigator.userAgent)) {
      document.addEventListener("WeixinJSBridgeReady", go, { once: true });
    } else {
      say(words.outside);
      setBusy(false);
    }
  }

  function setBusy(busy) {
    document.querySelectorAll("form[data-buy] button").forEach(function (button) {
      button.disabled = busy;
    });
  }

  // What waits for its money survives a page that is left, and the way back to it.
  function remember(orderId) {
    try {
      if (orderId) {
        sessionStorage.setItem(pendingKey, orderId);
      } else {
        sessionStorage.removeItem(pendingKey);
      }
    } catch (refused) {
      // Then the page does not know after coming back; the server still does.
    }
  }

  function remembered() {
    try {
      return sessionStorage.getItem(pendingKey);
    } catch (refused) {
      return null;
    }
  }

  async function stateOf(orderId) {
    const answer = await fetch("/h5/orders/" + orderId + "/state", { credentials: "same-origin" });
    return answer.ok ? (await answer.json()).state : "unknown";
  }

  function unlock() {
    watch += 1;
    remember(null);
    say(words.paid);
    window.location.reload();
  }

  // Asks until the order is paid, and opens what it bought. Gives true when the questions ran out,
  // false when it is paid or another watch began. `asking` is said while it asks, if anything is.
  async function isStillUnpaid(orderId, pauses, asking) {
    watch += 1;
    const mine = watch;
    for (const pause of pauses) {
      await new Promise(function (done) { setTimeout(done, pause); });
      if (mine !== watch) {
        return false;
      }
      let told = asking;
      try {
        if (await stateOf(orderId) === "paid") {
          unlock();
          return false;
        }
      } catch (offline) {
        told = asking && words.waiting;
      }
      if (told && mine === watch) {
        say(told);
      }
    }
    return mine === watch;
  }

  // The questions about an order ran out: say so, let people tap again, and go on asking quietly.
  async function giveWay(orderId, told) {
    say(told);
    setBusy(false);
    await isStillUnpaid(orderId, LATER, null);
  }

  async function hear(orderId, said) {
    if (said === OK) {
      say(words.confirming);
      setBusy(true);
      if (await isStillUnpaid(orderId, PAID_SAID_THE_SHEET, words.confirming)) {
        await giveWay(orderId, words.silent);
      }
    } else if (said === CANCELLED) {
      say(words.cancelled);
      setBusy(false);
      await isStillUnpaid(orderId, AT_ONCE, null);
    } else {
      say(words.checking);
      if (await isStillUnpaid(orderId, FAILED_SAID_THE_SHEET, words.checking)) {
        await giveWay(orderId, words.failed);
      }
    }
  }

  function pay(placed) {
    withBridge(async function () {
      window.WeixinJSBridge.invoke("getBrandWCPayRequest", placed.pay, function (result) {
        hear(placed.order_id, result.err_msg);
      });
      // The sheet lies over the page, or it is gone without a word; either way this is true.
      if (await isStillUnpaid(placed.order_id, NOTHING_SAID_THE_SHEET, null)) {
        await giveWay(placed.order_id, words.unheard);
      }
    });
  }

  async function buy(form) {
    setBusy(true);
    say(words.placing);
    const earlier = remembered();
    if (earlier && await stateOf(earlier) === "paid") {
      unlock();
      return;
    }
    watch += 1;
    const answer = await fetch(form.action, {
      method: "POST",
      credentials: "same-origin",
      headers: {
        "Accept": "application/json",
        "X-CSRF-Token": form.elements.csrf_token.value,
      },
    });
    const told = await answer.json().catch(function () { return {}; });
    if (told.state === "paid" || told.code === "already_owned") {
      unlock();
    } else if (!answer.ok) {
      say(told.detail || words.refused);
      setBusy(false);
    } else {
      remember(told.order_id);
      pay(told);
    }
  }

  // A page that the browser kept shows what was; whether it was paid since, the server knows.
  async function lookAgain() {
    const orderId = remembered();
    if (!orderId) {
      return;
    }
    try {
      const state = await stateOf(orderId);
      if (state === "paid") {
        unlock();
      } else if (state !== "pending") {
        remember(null);
      }
    } catch (offline) {
      // The next time the page is shown asks again.
    }
  }

  document.querySelectorAll("form[data-buy]").forEach(function (form) {
    form.addEventListener("submit", function (event) {
      event.preventDefault();
      buy(form).catch(function () {
        say(words.offline);
        setBusy(false);
      });
    });
  });
  window.addEventListener("pageshow", function () {
    setBusy(false);
    lookAgain();
  });
  document.addEventListener("visibilitychange", function () {
    // The sheet was closed, or another tab may have paid meanwhile.
    if (document.visibilityState === "visible") {
      lookAgain();
    }
  });
})();
