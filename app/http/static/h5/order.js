// Watches a pending order and shows the page anew when the server knows more.
"use strict";

(function () {
  const POLL_MS = 2000;
  const POLLS_MAX = 60;
  const order = document.querySelector("[data-order]");
  if (!order || order.dataset.state !== "pending") {
    return;
  }
  // A page that the browser kept may show what is over.
  window.addEventListener("pageshow", function (event) {
    if (event.persisted) {
      window.location.reload();
    }
  });
  let polls = 0;
  const timer = setInterval(async function () {
    polls += 1;
    if (polls >= POLLS_MAX) {
      clearInterval(timer);
    }
    try {
      const answer = await fetch("/h5/orders/" + order.dataset.order + "/state", { credentials: "same-origin" });
      if (answer.ok && (await answer.json()).state !== "pending") {
        window.location.reload();
      }
    } catch (offline) {
      // The next round asks again.
    }
  }, POLL_MS);
})();
