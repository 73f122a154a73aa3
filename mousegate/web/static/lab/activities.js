/* Other natural things to do with a mouse: targets, dragging, a text to scroll and select. */
const TEXT = [
  "A hand that moves a mouse plans the way before it starts. Most of the distance is covered by one fast stroke, and the rest by small corrections that look different in every person.",
  "In 1954 Paul Fitts measured how long such a stroke takes: the farther away and the smaller the target, the longer. What he left open is the shape of the way, and it is there that people differ most.",
  "Scroll down, select a sentence that you like, click between two words, and read on. There is nothing to get right here; what counts is how your hand does it.",
  "Some people hold the button for a tenth of a second, others for half as long. Few know how long they do it, and nearly nobody can change it for more than a moment.",
  "A touchpad, a trackball and a mouse leave different traces of the same hand. Whoever wants to be recognised with each of them records each of them.",
  "The network never sees where on the screen you are, how large it is or how fast the pointer is set. It sees how one movement follows from the one before.",
];
const at = (node, x, y) => { node.style.left = `${x}px`; node.style.top = `${y}px`; };
const within = (area, size) => [Math.random() * Math.max(1, area.clientWidth - size), Math.random() * Math.max(1, area.clientHeight - size)];

export function mountTargets(area) {
  const dot = document.createElement("button"), count = document.createElement("p");
  dot.type = "button"; dot.className = "dot"; dot.setAttribute("aria-label", "Target");
  count.className = "quiet"; count.textContent = "Click the disc.";
  area.append(count, dot);
  let hits = 0;
  const jump = () => {
    const size = 18 + Math.random() * 60;
    dot.style.width = dot.style.height = `${size}px`;
    at(dot, ...within(area, size));
  };
  dot.addEventListener("click", () => { hits += 1; count.textContent = `${hits} hit`; jump(); });
  at(dot, 200, 150); dot.style.width = dot.style.height = "48px";
}

export function mountSorting(area) {
  const bins = ["red", "blue", "green"].map((name, index) => {
    const bin = document.createElement("div");
    bin.className = "bin"; bin.textContent = name; bin.dataset.name = name;
    bin.style.left = `${5 + index * 33}%`; bin.style.bottom = "0";
    area.append(bin);
    return bin;
  });
  const colours = { red: "#e06c62", blue: "#5d8fe0", green: "#5fb98a" };
  for (let number = 0; number < 9; number += 1) {
    const chip = document.createElement("button"), name = bins[number % 3].dataset.name;
    chip.type = "button"; chip.className = "chip"; chip.style.background = colours[name];
    chip.setAttribute("aria-label", `${name} disc`);
    at(chip, 20 + (number * 83) % 460, 10 + (number * 57) % 170);
    let held = null;
    chip.addEventListener("pointerdown", (event) => { held = [event.clientX - chip.offsetLeft, event.clientY - chip.offsetTop]; chip.setPointerCapture(event.pointerId); });
    chip.addEventListener("pointermove", (event) => { if (held) at(chip, event.clientX - held[0], event.clientY - held[1]); });
    chip.addEventListener("pointerup", (event) => {
      held = null;
      const bin = document.elementsFromPoint(event.clientX, event.clientY).find((node) => node.classList.contains("bin"));
      if (bin?.dataset.name === name) at(chip, Math.random() * (area.clientWidth - 60), Math.random() * (area.clientHeight / 2));
    });
    area.append(chip);
  }
}

export function mountReading(area) {
  // Selected text that is dragged along would take the pointer's events away from the page.
  area.addEventListener("dragstart", (event) => event.preventDefault());
  for (let round = 0; round < 4; round += 1) for (const text of TEXT) {
    const paragraph = document.createElement("p");
    paragraph.textContent = text;
    area.append(paragraph);
  }
}

export function mountTabs(list) {
  const tabs = [...list.children];
  const show = (tab) => tabs.forEach((one) => {
    one.setAttribute("aria-selected", String(one === tab)); one.tabIndex = one === tab ? 0 : -1;
    document.getElementById(one.getAttribute("aria-controls")).hidden = one !== tab;
  });
  list.addEventListener("click", (event) => { const tab = event.target.closest("[role=tab]"); if (tab) show(tab); });
  list.addEventListener("keydown", (event) => {
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (by) { const next = tabs[(tabs.indexOf(document.activeElement) + by + tabs.length) % tabs.length]; show(next); next.focus(); }
  });
}
