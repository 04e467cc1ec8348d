// What every screen needs: elements, calls, times, sums, addresses, small drawings.
import { language, t } from "./words.js";

export const make = (tag, props = {}, ...inside) => {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === undefined || value === null) continue;
    if (name === "role" || name.includes("-")) element.setAttribute(name, value);
    else element[name] = value;
  }
  element.append(...inside.filter((one) => one !== null && one !== undefined && one !== false));
  return element;
};

export const button = (text, act, props = {}) =>
  make("button", { type: "button", textContent: text, onclick: act, ...props });

export const call = async (method, path, content) => {
  let answer;
  try {
    answer = await fetch(path, {
      method,
      headers: content === undefined ? {} : { "Content-Type": "application/json" },
      body: content === undefined ? undefined : JSON.stringify(content),
    });
  } catch { throw new Error(t("模拟器没有回应，它可能已经停了")); }
  const told = await answer.json();
  if (!answer.ok) throw new Error(told.message || t("没有成功，请再试一次"));
  return told;
};

export const yuan = (fen) => `¥${(fen / 100).toFixed(2)}`;

// --- time, always Beijing's ------------------------------------------------------------------
let ahead = 0;
export const keepTime = (now) => { ahead = now - Date.now() / 1000; };
export const simulatedNow = () => Date.now() / 1000 + ahead;
export const secondsAhead = () => ahead;
const inBeijing = (options) => new Intl.DateTimeFormat(language === "en" ? "en-GB" : "zh-CN", {
  timeZone: "Asia/Shanghai", hourCycle: "h23", ...options,
});
const clockForm = inBeijing({ hour: "2-digit", minute: "2-digit" });
const dayForm = inBeijing({ month: "numeric", day: "numeric" });
const fullForm = inBeijing({ year: "numeric", month: "2-digit", day: "2-digit", weekday: "short", hour: "2-digit", minute: "2-digit", second: "2-digit" });
export const clockOf = (at) => clockForm.format(new Date(at * 1000));
export const fullTime = (at) => fullForm.format(new Date(at * 1000));
const dayNumber = (at) => Math.floor((at + 8 * 3600) / 86400);
export const shortTime = (at) => {
  const days = dayNumber(simulatedNow()) - dayNumber(at);
  if (days === 0) return clockOf(at);
  if (days === 1) return t("昨天");
  return dayForm.format(new Date(at * 1000));
};
export const longTime = (at) => {
  const days = dayNumber(simulatedNow()) - dayNumber(at);
  return days === 0 ? clockOf(at) : `${shortTime(at)} ${clockOf(at)}`;
};

// --- addresses ---------------------------------------------------------------------------------
// A page or picture of a backend, as this person's telephone loads it; null for what is none.
export const proxied = (personId, url) => {
  let full;
  try { full = new URL(url, location.href); } catch { return null; }
  if (!/^https?:$/.test(full.protocol)) return null;
  if (full.origin === location.origin && full.pathname.startsWith("/mmbiz/")) return full.href;
  const scheme = full.protocol.slice(0, -1);
  return `/phone/proxy/${personId}/${scheme}/${full.host}${full.pathname}${full.search}${full.hash}`;
};

// --- drawings ----------------------------------------------------------------------------------
const SHAPES = {
  back: '<path d="M15 4l-8 8 8 8"/>',
  close: '<path d="M5 5l14 14M19 5L5 19"/>',
  more: '<circle cx="5" cy="12" r="1.6"/><circle cx="12" cy="12" r="1.6"/><circle cx="19" cy="12" r="1.6"/>',
  plus: '<circle cx="12" cy="12" r="9.5"/><path d="M12 7v10M7 12h10"/>',
  people: '<circle cx="9" cy="8" r="3.4"/><path d="M2.5 20c0-4 3-6 6.500-6s6.500 2 6.500 6M16 5a3.200 3.200 0 010 6M18 14.500c2.300.8 3.500 2.700 3.500 5.500"/>',
  picture: '<rect x="3" y="4.500" width="18" height="15" rx="2"/><circle cx="8.500" cy="10" r="1.700"/><path d="M4 18l5.500-5 3.500 3 3-2.500 5 4.500"/>',
  voice: '<rect x="9" y="3" width="6" height="11" rx="3"/><path d="M5 11.500a7 7 0 0014 0M12 18.500V21"/>',
  video: '<rect x="3" y="6" width="12.500" height="12" rx="2"/><path d="M15.500 11l5.500-3.500v9L15.500 13"/>',
  file: '<path d="M6 3h8l4.500 4.500V21H6zM14 3v5h4.500"/>',
  place: '<path d="M12 21c-4-4.500-6.500-7.500-6.500-11a6.500 6.500 0 0113 0c0 3.500-2.500 6.500-6.500 11z"/><circle cx="12" cy="10" r="2.300"/>',
  link: '<path d="M10 14a4 4 0 006 .4l3-3a4 4 0 00-5.700-5.700l-1 1M14 10a4 4 0 00-6-.4l-3 3A4 4 0 0010.700 18.300l1-1"/>',
  sound: '<path d="M6 9.500a4 4 0 010 5M9.500 6.500a8 8 0 010 11M13 3.500a12 12 0 010 17"/>',
  bell: '<path d="M6 16V11a6 6 0 0112 0v5l1.500 2h-15zM10 20.500a2.200 2.200 0 004 0"/>',
  coin: '<circle cx="12" cy="12" r="9"/><path d="M8.500 7.500L12 12l3.500-4.500M12 12v5M9 13h6M9 15.500h6"/>',
  page: '<circle cx="12" cy="12" r="9"/><path d="M3 12h18M12 3c3 3 3 15 0 18M12 3c-3 3-3 15 0 18"/>',
  app: '<rect x="4" y="4" width="7" height="7" rx="2"/><rect x="13" y="4" width="7" height="7" rx="2"/><rect x="4" y="13" width="7" height="7" rx="2"/><rect x="13" y="13" width="7" height="7" rx="2"/>',
  clock: '<circle cx="12" cy="12" r="9"/><path d="M12 7v5l3.500 2"/>',
  lock: '<rect x="5" y="10.500" width="14" height="10" rx="2"/><path d="M8 10.500V7.500a4 4 0 018 0v3"/>',
};
export const icon = (name) => {
  const box = make("span", { className: "icon", "aria-hidden": "true" });
  box.innerHTML = `<svg viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="1.6" stroke-linecap="round" stroke-linejoin="round">${SHAPES[name]}</svg>`;
  return box;
};
export const face = (name, key = name) => {
  let sum = 0;
  for (const one of key) sum = (sum * 31 + one.codePointAt(0)) % 9973;
  const box = make("span", { className: `face tint${sum % 8}`, "aria-hidden": "true" });
  box.textContent = [...name][0] || "?";
  return box;
};
export const badge = (kind, drawing) => make("span", { className: `face ${kind}`, "aria-hidden": "true" }, icon(drawing));
