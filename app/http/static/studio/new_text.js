// A new text, before it is a draft: what is typed is kept on this device, under the name of this one
// page, so that neither a lost network nor a closed tab loses it, and no two tabs write over each
// other. Nothing reaches the server before its creator says so: no drafts of three words are made.
"use strict";

(function () {
  const WRITE_MS = 400;
  const BEAT_MS = 20000;
  // A page that went without a word (a crash) is given up after this; timers of hidden tabs are slow.
  const GONE_MS = 150000;
  const KEPT_MS = 30 * 24 * 3600 * 1000;
  const OFFERED_MAX = 5;
  const form = document.querySelector("[data-new]");
  if (!form) {
    return;
  }
  const words = JSON.parse(document.querySelector("[data-words]").textContent);
  const fields = { column: form.elements.column, title: form.elements.title, markdown: form.elements.markdown };
  const status = form.querySelector("[data-saved]");
  const offers = document.querySelector("[data-kept]");
  const prefix = "juanliu.new." + form.dataset.owner + ".";
  const own = prefix + form.elements.form_id.value;
  let timer = 0;
  let isKept = true;
  let isLeaving = false;

  function say(sentence, bad) {
    status.textContent = sentence;
    status.toggleAttribute("data-bad", Boolean(bad));
  }

  function read(key) {
    try {
      const kept = JSON.parse(localStorage.getItem(key));
      return kept && typeof kept.title === "string" && typeof kept.markdown === "string" && kept.form_id ? kept : null;
    } catch (unreadable) {
      return null;
    }
  }

  function write(key, kept) {
    try {
      localStorage.setItem(key, JSON.stringify(kept));
      return true;
    } catch (refused) {
      return false;
    }
  }

  function forget(key) {
    try {
      localStorage.removeItem(key);
    } catch (refused) {
      // Nothing was kept, then.
    }
  }

  function typed() {
    return {
      form_id: form.elements.form_id.value,
      column: fields.column.value,
      title: fields.title.value,
      markdown: fields.markdown.value,
    };
  }

  function isEmpty(text) {
    return !text.title.trim() && !text.markdown.trim();
  }

  function isSame(one, other) {
    return one.title === other.title && one.markdown === other.markdown;
  }

  // `held` says until when this page is believed to be open; 0 lets any page go on with the text.
  function keep(held) {
    const text = typed();
    if (isEmpty(text)) {
      forget(own);
      return true;
    }
    const earlier = read(own);
    const at = earlier && isSame(earlier, text) ? earlier.at : Date.now();
    return write(own, Object.assign(text, { at: at, held: held }));
  }

  function keepNow() {
    clearTimeout(timer);
    isKept = keep(Date.now() + GONE_MS);
    if (!isKept) {
      say(words.unkept, true);
    } else {
      say(isEmpty(typed()) ? "" : words.kept);
    }
  }

  function others() {
    let keys = [];
    try {
      keys = Object.keys(localStorage);
    } catch (refused) {
      return [];
    }
    return keys.filter(function (key) { return key.startsWith(prefix) && key !== own; });
  }

  function tidy() {
    others().forEach(function (key) {
      const kept = read(key);
      // A text that the server gave back with a refusal stands on this page: it is this page's now.
      const isHere = kept && kept.held < Date.now() && isSame(kept, typed());
      if (!kept || isHere || kept.at < Date.now() - KEPT_MS) {
        forget(key);
      }
    });
  }

  function button(name, primary, act) {
    const made = document.createElement("button");
    made.type = "button";
    made.className = "btn btn_small" + (primary ? " btn_primary" : "");
    made.textContent = name;
    made.addEventListener("click", act);
    return made;
  }

  // Whether the text that was offered is still there, and no other page goes on with it.
  function isFree(key, offered) {
    const kept = read(key);
    return kept && isSame(kept, offered) && kept.held <= Date.now();
  }

  // What this page holds is put aside, to be offered like the rest: nothing is written over.
  function goOn(key, kept) {
    if (!isFree(key, kept)) {
      say(words.elsewhere, true);
    } else {
      const before = typed();
      if (!isEmpty(before)) {
        write(own + "-" + Date.now(), Object.assign(before, { at: Date.now(), held: 0 }));
      }
      forget(key);
      // Under the name it was sent by, if it was: its draft may be there, and only the answer was lost.
      form.elements.form_id.value = kept.form_id;
      fields.title.value = kept.title;
      fields.markdown.value = kept.markdown;
      if (Array.from(fields.column.options).some(function (one) { return one.value === kept.column; })) {
        fields.column.value = kept.column;
      }
      keepNow();
      fields.markdown.focus();
    }
    offer();
  }

  function drop(key, kept) {
    if (isFree(key, kept)) {
      forget(key);
    }
    offer();
  }

  function line(key, kept) {
    const row = document.createElement("li");
    const said = document.createElement("span");
    const more = document.createElement("span");
    row.className = "row";
    said.className = "row__main";
    more.className = "row__sub";
    said.textContent = kept.title.trim() || kept.markdown.trim().slice(0, 20) || words.untitled;
    more.textContent = new Date(kept.at).toLocaleString(document.documentElement.lang, { dateStyle: "medium", timeStyle: "short" });
    said.append(more);
    row.append(said, button(words.go_on, true, function () { goOn(key, kept); }), button(words.drop, false, function () { drop(key, kept); }));
    return row;
  }

  function offer() {
    const found = others()
      .map(function (key) { return [key, read(key)]; })
      .filter(function (one) { return one[1] && one[1].held <= Date.now(); })
      .sort(function (one, other) { return other[1].at - one[1].at; })
      .slice(0, OFFERED_MAX);
    offers.hidden = found.length === 0;
    offers.querySelector("ul").replaceChildren(...found.map(function (one) { return line(one[0], one[1]); }));
  }

  // The form's own name makes the same text one draft, however often it is sent.
  async function send() {
    keepNow();
    say(words.saving);
    let answer, said;
    try {
      answer = await fetch(form.action, { method: "POST", body: new URLSearchParams(new FormData(form)), credentials: "same-origin", headers: { Accept: "application/json" } });
      said = await answer.json();
    } catch (offline) {
      say(isKept ? words.offline : words.offline_unkept, true);
      return;
    }
    if (answer.ok) {
      isLeaving = true;
      forget(own);
      window.location.assign(said.to + "?done=drafted");
    } else if (answer.status === 401 || answer.status === 403 || answer.status >= 500) {
      say(said.detail, true);
    } else {
      // The page that the server answers says it beside the field.
      form.submit();
    }
  }

  form.addEventListener("input", function () {
    clearTimeout(timer);
    timer = setTimeout(keepNow, WRITE_MS);
  });
  form.addEventListener("submit", function (event) {
    event.preventDefault();
    send();
  });
  window.addEventListener("pagehide", function () {
    if (!isLeaving) {
      clearTimeout(timer);
      keep(0);
    }
  });
  window.addEventListener("pageshow", function (event) {
    if (!event.persisted) {
      return;
    }
    // Back from the browser's memory: another page may have gone on with the text meanwhile.
    if (!isLeaving && !isEmpty(typed()) && !read(own)) {
      say(words.elsewhere, true);
    } else {
      keepNow();
    }
    offer();
  });
  window.addEventListener("beforeunload", function (event) {
    if (!isLeaving && !isKept && !isEmpty(typed())) {
      event.preventDefault();
    }
  });
  setInterval(function () {
    if (!isLeaving && read(own)) {
      keep(Date.now() + GONE_MS);
    }
  }, BEAT_MS);

  tidy();
  if (!isEmpty(typed())) {
    keepNow();
  }
  offer();
})();
