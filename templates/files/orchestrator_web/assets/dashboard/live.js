// Keeps a page as the service is. htmx fetches the parts of a page and puts them in their places; this
// hears the event log and tells which of them have changed.
"use strict";

// A part is fetched at once when it has changed, and again after so many milliseconds, or after three times
// what the fetch took: what is written is seen within 100 ms, and a service that is busy is asked less.
const PAUSE = 60;
// Between two attempts to reach the service.
const [SHORTEST, LONGEST] = [200, 15000];
// Lines of a log that a page holds. A page of them is fetched so many pixels before its place is seen.
const [MOST_LINES, AHEAD] = [600, 600];

const lines = document.getElementById("lines");
const pause = document.getElementById("pause");
const live = document.getElementById("live");
const dialog = document.getElementById("dialog");

// Of the parts that are being fetched, by id: whether they have changed since.
const fetched = new Map();
let wait = SHORTEST;
// How far down the log was, to tell which way one goes.
let scrolled = 0;
// Whether a person has stopped the log.
let isPaused = false;

function say(words, shape) {
  if (!live || live.textContent === words) return;
  live.hidden = false;
  live.textContent = words;
  live.className = `state ${shape}`;
}

function change(part) {
  if (fetched.has(part.id)) {
    fetched.set(part.id, true);
  } else if (part.id !== "end") {
    load(part.id, part);
  } else if (isSeen(part)) {
    load(part.id, lines.children.length < MOST_LINES ? part : lines);
  } else {
    part.dataset.late = "";
  }
}

// Has `source` fetched, which is the part or what holds it.
function load(id, source) {
  fetched.set(id, false);
  const asked = performance.now();
  let ours;
  const begun = ({ target, detail }) => {
    if (target === source) ours = detail.ctx;
  };
  const ended = ({ detail }) => {
    if (detail.ctx !== ours) return;
    source.removeEventListener("htmx:before:request", begun);
    document.removeEventListener("htmx:finally:request", ended);
    const isWell = detail.ctx.response?.status < 400;
    wait = isWell ? SHORTEST : Math.min(2 * wait, LONGEST);
    if (isWell && id === "end" && !isPaused) lines.scrollTop = lines.scrollHeight;
    setTimeout(() => {
      const again = fetched.get(id) || !isWell;
      fetched.delete(id);
      const now = document.getElementById(id);
      if (now && again) change(now);
    }, isWell ? Math.max(PAUSE, 3 * (performance.now() - asked)) : wait);
  };
  source.addEventListener("htmx:before:request", begun);
  // There, because the part may have been replaced by then.
  document.addEventListener("htmx:finally:request", ended);
  htmx.trigger(source, "changed", {}, false);
}

// A log is followed while its end is in sight and nobody has paused it; else it stays as it is, and a link
// tells of more.
function isSeen(end) {
  const isIt = !isPaused && end.getBoundingClientRect().top < lines.getBoundingClientRect().bottom + 120;
  document.getElementById("jump").hidden = isIt;
  return isIt;
}

function follow() {
  const end = document.getElementById("end");
  if (end && isSeen(end) && "late" in end.dataset) change(end);
}

function hold(isHeld) {
  isPaused = isHeld;
  pause.textContent = isHeld ? "Go on" : "Pause";
  pause.classList.toggle("primary", isHeld);
  follow();
}

// Who scrolls towards an end of what there is of a log gets what lies beyond it.
function reach() {
  const isUp = lines.scrollTop < scrolled;
  scrolled = lines.scrollTop;
  follow();
  const link = lines.querySelector(`.${isUp ? "earlier" : "later"}:not([hidden]) > a:not(.htmx-request)`);
  if (!link) return;
  const [seen, place] = [lines.getBoundingClientRect(), link.getBoundingClientRect()];
  if (isUp ? seen.top - AHEAD < place.bottom : place.top < seen.bottom + AHEAD) link.click();
}

// What came at one end makes what lies furthest from it go, up to a link that brings it back.
function bound(isAbove) {
  while (MOST_LINES < lines.children.length) {
    const links = [...lines.querySelectorAll(isAbove ? ".later[hidden]" : ".earlier[hidden]")];
    const link = links.at(isAbove ? -1 : 0);
    if (!link) return;
    const side = isAbove ? "nextElementSibling" : "previousElementSibling";
    while (link[side]) link[side].remove();
    link.hidden = false;
  }
  if (!document.getElementById("end")) document.getElementById("jump").hidden = false;
}

if (pause) {
  pause.hidden = false;
  pause.addEventListener("click", () => hold(!isPaused));
}

if (lines) {
  if (document.getElementById("end")) lines.scrollTop = lines.scrollHeight;
  scrolled = lines.scrollTop;
  lines.addEventListener("scroll", reach, { passive: true });
  // What is looked at stays where it is, and so does the keyboard.
  lines.addEventListener("htmx:before:swap", (event) => {
    const { ctx } = event.detail;
    const more = ctx.sourceElement.closest(".more");
    if (!more) {
      // What was on its way when somebody paused comes later.
      if (isPaused) {
        event.preventDefault();
        document.getElementById("end")?.setAttribute("data-late", "");
      }
      return;
    }
    const isAbove = more.classList.contains("earlier");
    const line = isAbove ? more.nextElementSibling : more.previousElementSibling;
    const before = line.getBoundingClientRect().top;
    const hasFocus = more.contains(document.activeElement);
    const swapped = ({ detail }) => {
      if (detail.ctx !== ctx) return;
      document.removeEventListener("htmx:after:swap", swapped);
      bound(isAbove);
      lines.scrollTop += line.getBoundingClientRect().top - before;
      scrolled = lines.scrollTop;
      if (hasFocus) lines.focus({ preventScroll: true });
    };
    document.addEventListener("htmx:after:swap", swapped);
  });
}

// A part names topics whole or up to their dot; where it is about something, so is the event.
function concerns(part, topic, data) {
  const { topics, about } = part.dataset;
  const isOf = (it) => it === topic || it === topic.split(".")[0];
  return topics.split(" ").some(isOf) && (!about || about.split(" ").some((it) => data.includes(it)));
}

if (live) {
  live.addEventListener("htmx:sse:before:message", ({ detail: { message } }) => {
    for (const part of document.querySelectorAll("[data-topics]")) {
      if (message.event === "gap" || concerns(part, message.event, message.data)) change(part);
    }
  });
  live.addEventListener("htmx:sse:after:connection", () => {
    wait = SHORTEST;
    say("live", "done");
  });
  const lost = ({ detail }) => {
    // The session has ended: the page that comes asks for a code.
    if ((detail.status ?? detail.ctx?.response?.status) === 401) location.reload();
    if (!document.hidden) say("connection lost, trying again", "waiting");
  };
  live.addEventListener("htmx:sse:error", lost);
  // The extension goes on with a stream that had begun; one that never has begins again here.
  for (const failure of ["htmx:response:error", "htmx:error"]) {
    live.addEventListener(failure, (event) => {
      lost(event);
      setTimeout(() => htmx.trigger(live, "again"), wait);
      wait = Math.min(2 * wait, LONGEST);
    });
  }
}

document.addEventListener("htmx:response:error", ({ target, detail }) => {
  if (target !== live) say(`cannot be shown: error ${detail.ctx.response.status}`, "waiting");
});

// A page that could not be read comes back when it can be.
async function retry(pause) {
  await new Promise((resolve) => setTimeout(resolve, pause));
  const ask = { method: "HEAD", headers: { accept: "text/html" } };
  const answer = document.hidden ? {} : await fetch(location.href, ask).catch(() => ({}));
  if (answer.ok) location.reload();
  else retry(Math.min(2 * pause, LONGEST));
}
if (document.getElementById("passing")) retry(SHORTEST);

document.addEventListener("htmx:after:swap", () => {
  if (dialog.childElementCount && !dialog.open) dialog.showModal();
});
dialog.addEventListener("close", () => {
  // The next question may be there already.
  if (!dialog.open) dialog.replaceChildren();
});
document.addEventListener("click", (event) => {
  if (event.target.id === "jump") {
    event.preventDefault();
    event.target.hidden = true;
    if (pause) hold(false);
    if (!fetched.has("end")) load("end", lines);
  } else if (dialog.open && "close" in event.target.dataset) {
    event.preventDefault();
    dialog.close();
  }
});

// `4.2 s`, `1 m 04 s`, `2 h 05 m`, as the service writes them.
function duration(millis) {
  const seconds = Math.max(0, Math.floor(millis / 1000));
  const [minutes, hours] = [Math.floor(seconds / 60), Math.floor(seconds / 3600)];
  const two = (number) => String(number).padStart(2, "0");
  if (minutes < 1) return `${seconds} s`;
  if (hours < 1) return `${minutes} m ${two(seconds % 60)} s`;
  if (hours < 24) return `${hours} h ${two(minutes % 60)} m`;
  return `${Math.floor(hours / 24)} d ${two(hours % 24)} h`;
}
setInterval(() => {
  if (document.hidden) return;
  for (const lapse of document.querySelectorAll("[data-since]")) {
    lapse.textContent = duration(Date.now() - Date.parse(lapse.dataset.since));
  }
}, 1000);
