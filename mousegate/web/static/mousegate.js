/*! mousegate.js 1 · MIT · records how the pointer moves and clicks, nothing else */
/*
 * One line makes a login form send what mousegate compares:
 *
 *     <script src="mousegate.js" defer></script>
 *
 * It finds the form with a password field (or that of data-form="SELECTOR") and, when the form is sent, fills a
 * hidden field `mousegate` (or that of data-field="NAME") with the recording as JSON. Pages that send by
 * themselves call `mousegate.attach(form).take()`. Never a key, a field's content or another page is read.
 */
(() => {
  "use strict";
  const PAUSE_MS = 30000; // what came before such a pause belongs to whoever was there before
  const MOST = 12000; // events kept, the latest: well over a minute of a fast mouse
  const TARGETS = { background: 0, picture: 1, password: 2, submit: 3 };
  const NAMES = ["pointermove", "pointerdown", "pointerup", "pointercancel"];
  const OPTIONS = { capture: true, passive: true };

  /** What was hit: the word in data-mousegate on it or around it, else what the element itself tells. */
  const target = (node, form) => {
    const one = node instanceof Element ? node : form;
    const named = one.closest("[data-mousegate]");
    if (named && named.dataset.mousegate in TARGETS) return TARGETS[named.dataset.mousegate];
    const control = one.closest("input,button,label,img,picture");
    if (!control || !form.contains(control)) return TARGETS.background;
    const field = control.control || control;
    if (field.type === "password") return TARGETS.password;
    if (field.type === "submit" || field.type === "image") return TARGETS.submit;
    return /^(img|picture)$/i.test(control.tagName) ? TARGETS.picture : TARGETS.background;
  };

  class Recorder {
    constructor(form, options = {}) {
      this.form = form;
      this.field = options.field || "mousegate";
      this.clear();
      for (const name of NAMES) document.addEventListener(name, this.heard, OPTIONS);
      form.addEventListener("formdata", this.filled);
    }

    heard = (event) => {
      if (!event.isTrusted) return; // a script made it
      const parts = event.type === "pointermove" && event.getCoalescedEvents ? event.getCoalescedEvents() : [];
      for (const part of parts) this.note(part, event, this.buttons);
      this.note(event, event, event.buttons);
    };

    filled = (event) => {
      event.formData.set(this.field, JSON.stringify(this.take()));
      this.sent = true; // what comes next, on a page that stays, is another attempt
    };

    note(at, event, buttons) {
      const last = this.events[this.events.length - 1];
      // Parts of one move may be stamped earlier than the click before them.
      const time = last ? Math.max(at.timeStamp, last[0]) : at.timeStamp;
      const again = last && time === last[0] && at.screenX === last[1] && at.screenY === last[2];
      if (again && buttons === this.buttons) return; // the last part of a move is the move itself
      if (this.sent || (last && time - last[0] > PAUSE_MS)) this.clear();
      if (this.events.length >= MOST) this.forget();
      const row = [time, at.screenX, at.screenY, buttons];
      if (buttons & ~this.buttons & 7) row.push(target(event.target, this.form));
      this.events.push(row);
      this.pointer = event.pointerType || "mouse";
      this.buttons = buttons;
    }

    /** Leave out the oldest quarter, up to where no button is held. */
    forget() {
      const rest = this.events.slice(MOST / 4);
      this.events = rest.slice(Math.max(rest.findIndex((row) => !(row[3] & 7)), 0));
    }

    /** The recording so far, in the form that the API takes. */
    take() {
      const start = this.events.length ? this.events[0][0] : 0;
      const round = (number) => Math.round(number * 10) / 10;
      const events = this.events.map(([time, ...rest]) => [time - start, ...rest].map(round));
      return { version: 1, pointer: this.pointer, events };
    }

    /** Forget everything recorded. */
    clear() {
      this.events = [];
      this.buttons = 0;
      this.pointer = "mouse";
      this.sent = false;
    }

    /** Stop recording. */
    stop() {
      for (const name of NAMES) document.removeEventListener(name, this.heard, OPTIONS);
      this.form.removeEventListener("formdata", this.filled);
    }
  }

  const attach = (form, options) => {
    const found = typeof form === "string" ? document.querySelector(form) : form;
    if (!(found instanceof HTMLFormElement)) throw new TypeError("mousegate: there is no such form");
    return new Recorder(found, options);
  };

  const own = document.currentScript ? document.currentScript.dataset : {};
  const begin = () => {
    const field = document.querySelector("input[type=password]");
    const form = own.form ? document.querySelector(own.form) : field && field.form;
    if (form) window.mousegate.recorder = attach(form, { field: own.field });
  };
  window.mousegate = { attach, recorder: null };
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", begin);
  else begin();
})();
