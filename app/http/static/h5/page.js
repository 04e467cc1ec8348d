// What every page has: a share card inside WeChat, and buttons that copy. Without the SDK, or
// without its blessing, the page reads and pays just as well.
"use strict";

(function () {
  const SHARE_APIS = ["updateAppMessageShareData", "updateTimelineShareData"];

  function meta(name) {
    const found = document.querySelector("meta[name=" + name + "]");
    return found ? found.content : "";
  }

  function card() {
    return {
      title: document.title,
      desc: meta("description"),
      link: meta("share-link"),
      imgUrl: new URL(meta("share-picture"), meta("page-address")).href,
    };
  }

  // The SDK, where the page finds one; else the bridge that WeChat's browser itself brings, spoken
  // to in the words that the SDK would use.
  function give(signed) {
    if (window.wx) {
      window.wx.config(Object.assign({ debug: false, jsApiList: SHARE_APIS }, signed));
      window.wx.ready(function () {
        SHARE_APIS.forEach(function (api) {
          if (window.wx[api]) {
            window.wx[api](card());
          }
        });
      });
    } else if (window.WeixinJSBridge) {
      giveByBridge(window.WeixinJSBridge, signed);
    } else {
      document.addEventListener("WeixinJSBridgeReady", function () { giveByBridge(window.WeixinJSBridge, signed); }, { once: true });
    }
  }

  function giveByBridge(bridge, signed) {
    const proof = {
      appId: signed.appId,
      verifyAppId: signed.appId,
      verifySignType: "sha1",
      verifyTimestamp: String(signed.timestamp),
      verifyNonceStr: signed.nonceStr,
      verifySignature: signed.signature,
    };
    bridge.invoke("preVerifyJSAPI", Object.assign({ verifyJsApiList: SHARE_APIS }, proof), function () {
      SHARE_APIS.forEach(function (api) {
        bridge.invoke(api, Object.assign(card(), proof), function () {});
      });
    });
  }

  function prepareCard() {
    const inside = window.wx || /MicroMessenger/i.test(navigator.userAgent);
    if (!inside || !meta("share-link")) {
      return;
    }
    fetch("/h5/js-sdk?url=" + encodeURIComponent(meta("page-address")), { credentials: "same-origin" })
      .then(function (answer) { return answer.ok ? answer.json() : null; })
      .then(function (signed) {
        if (signed) {
          give(signed);
        }
      })
      .catch(function () {
        // No card then; nothing else is lost.
      });
  }

  function prepareCopying() {
    document.querySelectorAll("[data-copy]").forEach(function (button) {
      if (!navigator.clipboard) {
        return;
      }
      button.hidden = false;
      button.addEventListener("click", async function () {
        try {
          await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent);
          button.textContent = button.dataset.copied;
        } catch (refused) {
          button.hidden = true;
        }
      });
    });
  }

  prepareCopying();
  prepareCard();
})();
