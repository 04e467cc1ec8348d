// Opens WeChat's pay sheet and waits until the server says that the money came.
// What the sheet itself reports is only a hint: nothing opens because of it.
"use strict";

(function () {
  const POLL_MS = 1500;
  const POLLS_MAX = 40;
  const words = JSON.parse(document.querySelector("[data-words=pay]").textContent);
  const status = document.getElementById("pay-status");
  const pendingKey = "juanliu.pending:" + window.location.pathname;

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
    remember(null);
    say(words.paid);
    window.location.reload();
  }

  async function waitUntilPaid(orderId) {
    say(words.confirming);
    for (let poll = 0; poll < POLLS_MAX; poll += 1) {
      try {
        if (await stateOf(orderId) === "paid") {
          unlock();
          return;
        }
        say(words.confirming);
      } catch (offline) {
        say(words.waiting);
      }
      await new Promise(function (done) { setTimeout(done, POLL_MS); });
    }
    say(words.silent);
    setBusy(false);
  }

  function pay(placed) {
    withBridge(function () {
      window.WeixinJSBridge.invoke("getBrandWCPayRequest", placed.pay, function (result) {
        if (result.err_msg === "get_brand_wcpay_request:ok") {
          waitUntilPaid(placed.order_id);
        } else if (result.err_msg === "get_brand_wcpay_request:cancel") {
          say(words.cancelled);
          setBusy(false);
        } else {
          say(words.failed);
          setBusy(false);
        }
      });
    });
  }

  async function buy(form) {
    setBusy(true);
    say(words.placing);
    const answer = await fetch(form.action, {
      method: "POST",
      credentials: "same-origin",
      headers: {
        "Accept": "application/json",
        "X-CSRF-Token": form.elements.csrf_token.value,
      },
    });
    if (!answer.ok) {
      say(await explain(answer));
      setBusy(false);
      return;
    }
    const placed = await answer.json();
    if (placed.state === "paid") {
      window.location.reload();
    } else {
      remember(placed.order_id);
      pay(placed);
    }
  }

  async function explain(answer) {
    try {
      return (await answer.json()).detail || words.refused;
    } catch (unreadable) {
      return words.refused;
    }
  }

  // A page that the browser kept shows what was; whether it was paid since, the server knows.
  async function lookAgain() {
    const orderId = remembered();
    setBusy(false);
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
  window.addEventListener("pageshow", lookAgain);
  document.addEventListener("visibilitychange", function () {
    // Another tab may have paid meanwhile; while the sheet is open the wait itself asks.
    if (document.visibilityState === "visible" && !document.querySelector("form[data-buy] button:disabled")) {
      lookAgain();
    }
  });
})();
