// Gives the page a share card inside WeChat. Without the SDK, or without its blessing, the page
// reads and pays just as well.
"use strict";

(function () {
  const address = document.querySelector("meta[name=page-address]");
  if (!window.wx || !address) {
    return;
  }
  const wx = window.wx;
  const description = document.querySelector("meta[name=description]");

  function card() {
    return {
      title: document.title,
      desc: description ? description.content : "",
      link: address.content,
      imgUrl: new URL("/static/h5/icon.svg", address.content).href,
    };
  }

  fetch("/h5/js-sdk?url=" + encodeURIComponent(address.content), { credentials: "same-origin" })
    .then(function (answer) { return answer.ok ? answer.json() : null; })
    .then(function (signed) {
      if (!signed) {
        return;
      }
      wx.config(Object.assign({ debug: false, jsApiList: ["updateAppMessageShareData", "updateTimelineShareData"] }, signed));
      wx.ready(function () {
        if (wx.updateAppMessageShareData) {
          wx.updateAppMessageShareData(card());
        }
        if (wx.updateTimelineShareData) {
          wx.updateTimelineShareData(card());
        }
      });
    })
    .catch(function () {
      // No card then; nothing else is lost.
    });
})();
