// The table on which the telephones lie: who is there, what is new, how late it is.
import { call, keepTime, make } from "./ground.js";
import { Drawer } from "./drawer.js";
import { Telephone } from "./telephone.js";
import { language, setLanguage, t } from "./words.js";

const QUICK_MS = 700;
const IDLE_MS = 4000;
const IDLE_AFTER_MS = 45_000;
const PHONES_MOST = 4;
const $ = (id) => document.getElementById(id);

class Desk {
  constructor() {
    this.phones = [];
    this.persons = [];
    this.shown = { oa_name: "公众号", mini_name: "小程序", handles: [] };
    this.count = -1;
    this.touched = Date.now();
    this.drawer = new Drawer($("drawer"), this);
  }

  // --- people -----------------------------------------------------------------------------------
  async people() {
    const [{ items }, shown] = await Promise.all([call("GET", "/_sim/people"), call("GET", "/_sim/shown")]);
    this.persons = items;
    this.shown = shown;
    this.count = items.length;
    return items;
  }

  everybody() { return this.persons; }
  known(id) { return this.persons.find((one) => one.id === id); }

  async addPerson(nickname, device) {
    const one = await call("POST", "/_sim/people", { nickname, device });
    await this.people();
    return one;
  }

  // --- telephones -------------------------------------------------------------------------------
  add() {
    const phone = new Telephone(this);
    this.phones.push(phone);
    $("phones").append(phone.element);
    this.changed();
    return phone;
  }

  mayPutAway() { return this.phones.length > 1; }

  putAway(phone) {
    this.phones = this.phones.filter((one) => one !== phone);
    phone.clear();
    phone.element.remove();
    this.changed();
  }

  // Who is shown is in the address, so that a reload, or a link, shows the same.
  changed() {
    const address = new URL(location.href);
    address.searchParams.delete("person");
    for (const one of this.phones) if (one.person) address.searchParams.append("person", one.person.id);
    history.replaceState(null, "", address);
    $("add-phone").disabled = this.phones.length >= PHONES_MOST;
  }

  // --- what is new --------------------------------------------------------------------------------
  async beat() {
    const held = this.phones.filter((one) => one.person);
    const query = held.map((one) => `person=${one.person.id}`).join("&");
    const told = await call("GET", `/phone/pulse?${query}`);
    keepTime(told.now);
    if (told.people !== this.count) {
      await this.people();
      for (const one of this.phones) one.refresh();
    }
    let isNew = false;
    for (const one of held) {
      isNew ||= told.marks[one.person.id] !== one.mark;
      one.beat(told.marks[one.person.id]);
    }
    for (const one of this.phones) if (!one.person) one.beat();
    if (isNew) this.touched = Date.now();
    if (isNew || this.drawerIsOld()) await this.drawer.refresh();
  }

  drawerIsOld() {
    if (Date.now() - (this.drawnAt || 0) < IDLE_MS) return false;
    this.drawnAt = Date.now();
    return true;
  }

  // Quick while somebody does something, slow when nobody does, silent while nobody looks.
  async live() {
    if (!document.hidden) {
      try {
        await this.beat();
        document.body.classList.remove("lost");
      } catch { document.body.classList.add("lost"); }
    }
    const isIdle = Date.now() - this.touched > IDLE_AFTER_MS;
    setTimeout(() => this.live(), isIdle || document.body.classList.contains("lost") ? IDLE_MS : QUICK_MS);
  }
}

const desk = new Desk();
document.documentElement.lang = language;
document.title = `${t("微信模拟器")} · ${t("手机")}`;
document.querySelector(".tools h1").textContent = t("微信模拟器");
$("add-phone").textContent = `＋ ${t("再来一部手机")}`;
$("drawer-button").textContent = t("时钟和故障");
$("language").textContent = language === "en" ? "中文" : "English";
$("language").lang = language === "en" ? "zh-CN" : "en";
$("language").onclick = () => setLanguage(language === "en" ? "zh-CN" : "en");
$("add-phone").onclick = () => desk.add().element.scrollIntoView({ inline: "center" });
const showDrawer = (open) => {
  $("drawer").hidden = !open;
  $("drawer-button").setAttribute("aria-expanded", String(open));
  if (open) desk.drawer.refresh().catch(() => {});
};
$("drawer-button").onclick = () => showDrawer($("drawer").hidden);
for (const name of ["pointerdown", "keydown"]) addEventListener(name, () => { desk.touched = Date.now(); });
setInterval(() => desk.drawer.tick(), 1000);

const begin = async () => {
  const people = await desk.people();
  keepTime((await call("GET", "/_sim/clock")).now);
  const asked = new URLSearchParams(location.search).getAll("person").slice(0, PHONES_MOST);
  const usual = people.slice(0, matchMedia("(max-width: 820px)").matches ? 1 : 2).map((one) => one.id);
  const wanted = asked.length ? asked : usual;
  for (const id of wanted.length ? wanted : [""]) {
    const phone = desk.add();
    const person = desk.known(id);
    if (person) await phone.take(person);
    else if (id) phone.sheets.toast(t("没有这个人，请重新选择"));
  }
  if (new URLSearchParams(location.search).has("drawer")) showDrawer(true);
  await desk.live();
};
begin().catch((error) => { $("phones").append(make("p", { className: "note", role: "alert", textContent: error.message })); });
