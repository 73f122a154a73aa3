/* The page: records the pointer, streams it, and shows what comes back. */
import { mountChess } from "./chess.js";
import { mountReading, mountSorting, mountTabs, mountTargets } from "./activities.js";
import { drawAttempts, drawHolds, drawMap, drawMatrix, drawPeople, drawSeries } from "./charts.js";

const $ = (id) => document.getElementById(id);
let lab = { people: [], matrix: [], attempts: [], hold_edges_ms: [0, 1], explained: 0 };
let socket = null, recording = false, rows = [], series = [], last = 0, painted = "";

const say = (text, bad = false) => { $("said").textContent = text; $("said").classList.toggle("bad", bad); };
const send = (message) => { if (socket?.readyState === WebSocket.OPEN) socket.send(JSON.stringify(message)); };

/* Recording: every event that the mouse reported, also those that the browser put together to one. */
const keep = (event) => {
  if (!recording) return;
  if (event.pointerType === "touch") { say("A finger is no mouse: touches are not recorded.", true); return; }
  const all = event.type === "pointermove" ? event.getCoalescedEvents?.() ?? [] : [];
  for (const one of all.length ? all : [event]) {
    last = Math.max(last, one.timeStamp);
    rows.push([last, one.screenX, one.screenY, one.buttons]);
  }
};
for (const kind of ["pointermove", "pointerdown", "pointerup", "pointercancel"]) addEventListener(kind, keep, { capture: true, passive: true });
const flush = () => { while (rows.length && socket?.readyState === WebSocket.OPEN) send({ type: "move", rows: rows.splice(0, 2000) }); };
setInterval(flush, 150);

const show = () => {
  const low = Number($("low").value), high = Number($("high").value);
  $("span").textContent = `${low} … ${high} nats`;
  drawMatrix($("matrix"), lab, low, high);
  drawMap($("map"), lab); drawHolds($("holds"), lab); drawSeries($("series"), lab, series); drawAttempts($("attempts"), lab);
  $("explained").textContent = `every dot is four seconds · ${Math.round(100 * lab.explained)} % of all variation`;
  // Lists that somebody may be using are drawn anew only when something in them has changed.
  const known = JSON.stringify(lab.people.map(({ points, holds, ...rest }) => rest));
  if (known !== painted && !$("people").contains(document.activeElement)) { painted = known; drawPeople($("people"), lab, act); }
  const names = lab.people.filter((one) => one.sureness.level !== "learning");
  if ([...$("target").options].slice(1).map((one) => one.value).join() !== names.map((one) => one.ident).join()) {
    const before = $("target").value;
    $("target").replaceChildren(new Option("nobody", ""), ...names.map((one) => new Option(one.name, one.ident)));
    $("target").value = names.some((one) => one.ident === before) ? before : "";
  }
};
const mode = (on) => {
  recording = on; rows = []; last = 0;
  $("record").textContent = on ? "Stop" : "Record"; $("name").disabled = $("target").disabled = on;
  if (!on) { $("progress").value = 0; $("facts").textContent = "not recording"; }
};
const receive = {
  lab: (message) => { lab = message; show(); },
  live: (message) => {
    series.push(message);
    $("progress").value = Math.min(1, message.active_s / message.wanted_s);
    $("facts").textContent = `${Math.round(message.active_s)} s of movement, ${message.windows} windows`;
    drawSeries($("series"), lab, series);
  },
  verdict: (message) => say(`${message.name} ${message.passed ? "passes" : "does not pass"} as ${message.target}: ${message.llr.toFixed(1)} nats, ${message.threshold.toFixed(1)} are needed.`),
  stopped: (message) => { mode(false); if (message.reason === "removed") say("This person was removed."); },
  problem: (message) => { say(message.detail, true); if (message.status === 409) mode(false); },
};
const open = () => {
  socket = new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/lab/socket`);
  socket.onmessage = (event) => { const message = JSON.parse(event.data); receive[message.type]?.(message); };
  socket.onclose = () => { if (recording) mode(false); say("The lab has gone; waiting for it to come back.", true); setTimeout(open, 1500); };
  socket.onopen = () => { if ($("said").classList.contains("bad")) say("Connected."); };
};
$("recorder").addEventListener("submit", (event) => {
  event.preventDefault();
  if (recording) { flush(); send({ type: "stop" }); return; }
  series = []; mode(true);
  const target = $("target").value;
  send({ type: "start", name: $("name").value, ...(target ? { target } : {}) });
  say(target ? "Move as they would, for fifteen seconds." : "Recording: play, click, drag, read; as you always do.");
});

const ask = async (path, options) => {
  try {
    const answer = await fetch(path, options);
    if (!answer.ok) say((await answer.json()).detail, true);
    return answer.ok;
  } catch { say("The lab does not answer.", true); return false; }
};
const act = {
  remove: async (one) => { document.activeElement.blur(); if (await ask(`/lab/people/${one.ident}`, { method: "DELETE" })) say(`${one.name} is removed.`); },
  save: (one, form) => {
    document.activeElement.blur(); painted = "";
    const link = document.createElement("a");
    link.href = `/lab/people/${one.ident}/recording?format=${form}`; link.download = "";
    link.click(); show();
  },
};
$("reset").addEventListener("click", async () => { if (confirm("Remove everybody and all that was recorded?") && await ask("/lab/people", { method: "DELETE" })) say("Nobody is left."); });
$("import").addEventListener("click", () => $("file").click());
$("file").addEventListener("change", async () => {
  const file = $("file").files[0], name = $("name").value.trim() || file?.name.replace(/\.[^.]*$/, "");
  $("file").value = "";
  if (file && await ask(`/lab/recordings?name=${encodeURIComponent(name)}`, { method: "POST", body: file })) say(`${name}: the recording is in.`);
});
for (const id of ["low", "high"]) $(id).addEventListener("input", show);
addEventListener("resize", show);

const themed = (theme) => { document.documentElement.dataset.theme = theme; };
themed(localStorage.getItem("theme") ?? (matchMedia("(prefers-color-scheme: light)").matches ? "light" : "dark"));
$("theme").addEventListener("click", () => {
  const next = document.documentElement.dataset.theme === "light" ? "dark" : "light";
  localStorage.setItem("theme", next); themed(next);
});

mountTabs(document.querySelector("[role=tablist]"));
mountChess($("board"), $("turn"), $("again"));
mountTargets($("targets")); mountSorting($("sort")); mountReading($("read"));
show(); open();
