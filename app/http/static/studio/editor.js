// The editor: saves by itself, moves the end of the free part, puts pictures where the cursor is.
// Without this file the same form saves by its button, and a picture goes to the end of the text.
"use strict";

(function () {
  const QUIET_MS = 3000;
  const APART_MS = 15000;
  const form = document.querySelector("[data-editor]");
  if (!form) {
    return;
  }
  const words = JSON.parse(document.querySelector("[data-words]").textContent);
  const text = form.elements.markdown;
  const title = form.elements.title;
  const status = form.querySelector("[data-saved]");
  const end = words.mark.slice(1, -1);
  const MARK = new RegExp("^[ \\t]*(?:<!--\\s*more\\s*-->|[-—–]{2,}\\s*" + end + "\\s*[-—–]{2,}|" + words.mark + ")[ \\t]*\\n?", "gim");
  let kept = { title: title.value, markdown: text.value };
  let timer = null;
  let lastAt = 0;
  let stopped = form.dataset.autosave !== "yes";
  let saving = false;

  function say(sentence, bad) {
    status.textContent = sentence;
    status.toggleAttribute("data-bad", Boolean(bad));
  }

  function isChanged() {
    return title.value !== kept.title || text.value !== kept.markdown;
  }

  function later() {
    if (stopped) {
      return;
    }
    clearTimeout(timer);
    timer = setTimeout(save, Math.max(QUIET_MS, lastAt + APART_MS - Date.now()));
  }

  async function save() {
    if (stopped || saving || !isChanged() || !title.value.trim() || !text.value.trim()) {
      return;
    }
    saving = true;
    lastAt = Date.now();
    const sent = { title: title.value, markdown: text.value };
    say(words.saving);
    const body = new URLSearchParams({
      csrf_token: form.elements.csrf_token.value,
      base: form.elements.base.value,
      by_itself: "1",
      title: sent.title,
      markdown: sent.markdown,
    });
    try {
      const answer = await fetch(form.action, { method: "POST", body: body, credentials: "same-origin", headers: { Accept: "application/json" } });
      const said = await answer.json();
      if (answer.ok) {
        form.elements.base.value = said.base;
        kept = sent;
        say(words.saved);
      } else {
        // Told once, then left to the hand: a clock must not argue with another window.
        stopped = answer.status === 409 || answer.status === 403 || answer.status === 401;
        say(said.errors && said.errors.length ? said.errors[0].message || said.detail : said.detail, true);
      }
    } catch (offline) {
      say(words.offline, true);
    }
    saving = false;
    if (isChanged()) {
      later();
    }
  }

  function typed() {
    text.dispatchEvent(new Event("input", { bubbles: true }));
    text.focus();
  }

  function insert(before, after) {
    const from = text.selectionStart, to = text.selectionEnd;
    const chosen = text.value.slice(from, to);
    text.setRangeText(before + chosen + after, from, to, "end");
    typed();
  }

  function withoutMark(value) {
    return value.replace(MARK, "");
  }

  function cutHere() {
    const head = withoutMark(text.value.slice(0, text.selectionStart)).replace(/\s+$/, "");
    const tail = withoutMark(text.value.slice(text.selectionStart)).replace(/^\s+/, "");
    text.value = head + "\n\n" + words.mark + "\n\n" + tail;
    text.setSelectionRange(head.length, head.length);
    typed();
  }

  async function upload(input) {
    if (!input.files.length) {
      return;
    }
    say(words.uploading);
    const body = new FormData();
    body.append("csrf_token", form.elements.csrf_token.value);
    body.append("picture", input.files[0]);
    try {
      const answer = await fetch(input.dataset.upload, { method: "POST", body: body, credentials: "same-origin", headers: { Accept: "application/json" } });
      const said = await answer.json();
      if (answer.ok) {
        insert("\n\n" + said.markdown + "\n\n", "");
        say("");
      } else {
        say(said.detail || words.failed, true);
      }
    } catch (offline) {
      say(words.failed, true);
    }
    input.value = "";
  }

  // A file goes up in parts; what a lost network cut off goes on where the server stopped.
  async function attach(input) {
    const said = document.querySelector("[data-media-said]");
    const file = input.files[0];
    if (!file) {
      return;
    }
    const headers = { Accept: "application/json", "X-CSRF-Token": form.elements.csrf_token.value };
    async function ask(path, options) {
      const answer = await fetch(input.dataset.media + path, Object.assign({ credentials: "same-origin" }, options));
      const body = await answer.json();
      if (!answer.ok) {
        throw new Error(body.errors && body.errors.length ? body.errors[0].message || body.detail : body.detail);
      }
      return body;
    }
    function json(body) {
      return { method: "POST", headers: Object.assign({ "Content-Type": "application/json" }, headers), body: JSON.stringify(body) };
    }
    said.toggleAttribute("data-bad", false);
    said.textContent = words.sending;
    input.disabled = true;
    try {
      await save();
      let upload = await ask("", json({ filename: file.name, size_bytes: file.size }));
      while (upload.received_bytes < file.size) {
        const from = upload.received_bytes;
        const part = file.slice(from, from + upload.part_bytes_max);
        upload = await ask("/" + upload.upload_id + "?offset=" + from, { method: "PUT", headers: headers, body: part });
        said.textContent = words.sending + " " + Math.floor((upload.received_bytes * 100) / file.size) + "%";
      }
      await ask("/" + upload.upload_id + "/complete", json({ work_id: input.dataset.work }));
      window.location.assign(window.location.pathname + "?done=attached");
    } catch (failure) {
      said.toggleAttribute("data-bad", true);
      said.textContent = failure instanceof TypeError ? words.failed : failure.message || words.failed;
    }
    input.disabled = false;
    input.value = "";
  }

  const file = document.querySelector("[data-media]");
  if (file) {
    file.addEventListener("change", function () { attach(file); });
  }

  form.querySelector("[data-toolbar]").hidden = false;
  form.addEventListener("click", function (event) {
    const button = event.target.closest("button[type=button]");
    if (!button) {
      return;
    }
    if (button.hasAttribute("data-cut")) {
      cutHere();
    } else if (button.hasAttribute("data-uncut")) {
      text.value = withoutMark(text.value);
      typed();
    } else if (button.dataset.insert) {
      insert(button.dataset.insert, button.dataset.after || "");
    }
  });
  form.addEventListener("input", later);
  form.addEventListener("change", function (event) {
    if (event.target.type === "file") {
      upload(event.target);
    }
  });
  form.addEventListener("submit", function () {
    stopped = true;
    clearTimeout(timer);
    kept = { title: title.value, markdown: text.value };
  });
  document.addEventListener("visibilitychange", function () {
    if (document.visibilityState === "hidden") {
      save();
    }
  });
  window.addEventListener("beforeunload", function (event) {
    if (isChanged()) {
      event.preventDefault();
    }
  });
})();
