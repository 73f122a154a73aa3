/* What is seen of the lab. Names only ever become text. */
export const colour = (number) => `hsl(${(205 + number * 137.5) % 360} 62% 58%)`;
const NS = "http://www.w3.org/2000/svg";
const svgNode = (name, attributes, text) => {
  const node = document.createElementNS(NS, name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  if (text !== undefined) node.textContent = text;
  return node;
};
const cell = (name, text) => { const node = document.createElement(name); node.textContent = text; return node; };

/* Units in which the drawing is 200 high, whatever its size. */
const frame = (svg) => {
  const wide = Math.max(150, (200 * svg.clientWidth) / Math.max(1, svg.clientHeight));
  svg.setAttribute("viewBox", `0 0 ${wide} 200`);
  return wide;
};

export function drawMatrix(place, lab, low, high) {
  const table = document.createElement("table"), head = document.createElement("tr");
  head.append(cell("th", ""), ...lab.people.map((one) => cell("th", one.name)));
  table.append(head);
  lab.people.forEach((one, row) => {
    const line = document.createElement("tr");
    line.append(cell("th", one.name));
    lab.matrix[row].forEach((nats, column) => {
      const node = cell("td", nats === null ? "–" : nats.toFixed(1));
      node.dataset.nats = nats ?? "";
      node.title = nats === null ? "not enough movement yet" : `${lab.people[column].name} compared with the reference of ${one.name}`;
      if (nats !== null) {
        const share = Math.min(1, Math.max(0, (nats - low) / (high - low)));
        node.style.background = `hsl(${18 + 140 * share} ${38 + 20 * Math.abs(share - 0.5)}% ${26 + 22 * share}%)`;
        node.style.color = "#fff";
      }
      line.append(node);
    });
    table.append(line);
  });
  place.replaceChildren(lab.people.length ? table : cell("p", "Nobody is recorded yet."));
}

export function drawMap(canvas, lab) {
  const scale = devicePixelRatio, width = canvas.width = canvas.clientWidth * scale, height = canvas.height = canvas.clientHeight * scale;
  const pen = canvas.getContext("2d"), radius = Math.max(2, height / 110);
  pen.globalAlpha = 0.65;
  for (const one of lab.people) {
    pen.fillStyle = colour(one.number);
    for (const [x, y] of one.points) {
      pen.beginPath();
      pen.arc(width / 2 + (x / 1000) * (width / 2 - 3 * radius), height / 2 + (y / 1000) * (height / 2 - 3 * radius), radius, 0, 7);
      pen.fill();
    }
  }
}

export function drawSeries(svg, lab, series) {
  const wide = frame(svg), nodes = [], last = series.at(-1)?.time_s ?? 0, span = Math.max(30, last);
  const llrs = series.flatMap((one) => Object.values(one.scores)).filter((one) => one !== null);
  const top = Math.max(6, ...llrs), bottom = Math.min(-6, ...llrs);
  const x = (time) => 34 + (time / span) * (wide - 40), y = (nats) => 190 - ((nats - bottom) / (top - bottom)) * 180;
  for (const nats of [bottom, 0, top]) {
    nodes.push(svgNode("line", { x1: 34, x2: wide - 6, y1: y(nats), y2: y(nats), class: "axis" }));
    nodes.push(svgNode("text", { x: 2, y: y(nats) + 4 }, nats.toFixed(0)));
  }
  for (const one of lab.people) {
    const found = series.filter((point) => (point.scores[one.ident] ?? null) !== null);
    const points = found.map((point) => `${x(point.time_s).toFixed(1)},${y(point.scores[one.ident]).toFixed(1)}`);
    if (points.length) nodes.push(svgNode("polyline", { points: points.join(" "), class: "line", stroke: colour(one.number) }));
  }
  if (!llrs.length) nodes.push(svgNode("text", { x: 44, y: 80 }, "Curves come while somebody moves the mouse."));
  svg.replaceChildren(...nodes);
}

export function drawHolds(svg, lab) {
  const wide = frame(svg), edges = lab.hold_edges_ms, most = Math.max(0.1, ...lab.people.flatMap((one) => one.holds));
  const x = (ms) => 10 + ((ms - edges[0]) / (edges.at(-1) - edges[0])) * (wide - 20);
  const nodes = [50, 100, 150, 200, 250].map((ms) => svgNode("text", { x: x(ms) - 8, y: 198 }, ms));
  for (const one of lab.people) {
    if (!one.clicks) continue;
    const points = one.holds.map((share, index) => `${x((edges[index] + edges[index + 1]) / 2).toFixed(1)},${(182 - 170 * share / most).toFixed(1)}`);
    nodes.push(svgNode("polyline", { points: points.join(" "), class: "line", stroke: colour(one.number) }));
  }
  nodes.push(svgNode("line", { x1: 10, x2: wide - 10, y1: 184, y2: 184, class: "axis" }));
  svg.replaceChildren(...nodes);
}

export function drawPeople(list, lab, act) {
  const words = { learning: "learning", unsure: "not sure yet", sure: "sure" };
  list.replaceChildren(...lab.people.map((one) => {
    const item = document.createElement("li"), swatch = document.createElement("span"), name = cell("div", one.name);
    swatch.className = "swatch"; swatch.style.background = colour(one.number);
    name.append(" ", cell("span", `· ${words[one.sureness.level]}`)); name.lastChild.className = "quiet";
    const save = document.createElement("select");
    save.setAttribute("aria-label", `Export ${one.name}`);
    save.append(...["Export…", "native", "balabit", "sapimouse", "cnee"].map((form) => new Option(form, form)));
    save.addEventListener("change", () => act.save(one, save.value));
    const remove = cell("button", "Remove");
    remove.setAttribute("aria-label", `Remove ${one.name}`);
    remove.addEventListener("click", () => act.remove(one));
    const held = one.hold_ms === null ? "" : `, holds ${Math.round(one.hold_ms)} ms`;
    item.append(swatch, name, save, remove, cell("small", `${Math.round(one.active_s)} s of movement, ${one.windows} windows, ${one.clicks} clicks${held}. ${one.sureness.reasons.join(" ")}`));
    return item;
  }));
}

export function drawAttempts(list, lab) {
  list.replaceChildren(...lab.attempts.map((one) => {
    const who = one.own ? `${one.name} tried as themselves` : `${one.name} tried to pass as ${one.target}`;
    const item = cell("li", `${who}: ${one.llr.toFixed(1)} of ${one.threshold.toFixed(1)} nats `);
    item.append(cell("strong", one.passed ? "passed" : "refused"));
    item.lastChild.className = one.passed ? "pass" : "fail";
    return item;
  }));
}
