// Lets the receiver take a payout in WeChat's own sheet, and waits until the server knows.
// What the sheet reports is only a hint; the page is drawn anew from what the rail has said.
"use strict";

(function () {
  const words = JSON.parse(document.querySelector("[data-words=payout]").textContent);
  const button = document.getElementById("take-payout");
  const status = document.getElementById("pay-status");
  const PAUSES = Array(20).fill(1500);

  function say(text) {
    status.textContent = text;
    status.hidden = false;
  }

  async function isStillWaiting() {
    try {
      const answer = await fetch("/h5/payouts/" + button.dataset.payout + "/state", { credentials: "same-origin" });
      return !answer.ok || (await answer.json()).state === "waiting";
    } catch (offline) {
      return true;
    }
  }

  async function follow() {
    say(words.confirming);
    for (const pause of PAUSES) {
      if (!await isStillWaiting()) {
        window.location.reload();
        return;
      }
      await new Promise(function (done) { setTimeout(done, pause); });
    }
    button.disabled = false;
    say(words.later);
  }

  function take() {
    button.disabled = true;
    window.WeixinJSBridge.invoke("requestMerchantTransfer", words.sheet, function (result) {
      if (result.err_msg === "requestMerchantTransfer:ok") {
        follow();
      } else {
        button.disabled = false;
        say(words.later);
      }
    });
  }

  button.addEventListener("click", function () {
    if (window.WeixinJSBridge) {
      take();
    } else if (/MicroMessenger/i.test(navigator.userAgent)) {
      document.addEventListener("WeixinJSBridgeReady", take, { once: true });
    } else {
      say(words.outside);
    }
  });
})();
