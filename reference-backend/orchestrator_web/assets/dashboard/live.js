// Keeps a page as the service is. htmx fetches the parts of a page and puts them in their places; this
// hears the event log and tells which of them have changed.
"use strict";

// A part is fetched at once when it has changed, and then no more often than this, in milliseconds.
const PAUSE = 200;
// Between two attempts to reach the service.
const [SHORTEST, LONGEST] = [200, 15000];
// Lines of a log that a page holds while it follows it.
const MOST_LINES = 600;

const live = document.getElementById("live");
const dialog = document.getElementById("dialog");

// Of the parts that are being fetched, by id: whether they have changed since.
const fetched = new Map();
let wait = SHORTEST;

function say(words, shape) {
  if (!live || live.textContent === words) return;
  live.hidden = false;
  live.textContent = words;
  live.className = `state ${shape}`;
}

function change(part) {
  if (fetched.has(part.id)) {
    fetched.set(part.id, true);
  } else if (!("follow" in part.dataset)) {
    load(part, part);
  } else if (isSeen(part)) {
    const lines = part.parentElement;
    load(part, lines.children.length < MOST_LINES ? part : lines);
  }
}

// Has `source` fetched, which is the part or what holds it.
function load(part, source) {
  const { id } = part;
  const isFollowed = "follow" in part.dataset;
  fetched.set(id, false);
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
    if (isWell && isFollowed) show(document.getElementById(id));
    setTimeout(() => {
      const again = fetched.get(id) || !isWell;
      fetched.delete(id);
      const now = document.getElementById(id);
      if (now && again) change(now);
    }, isWell ? PAUSE : wait);
  };
  source.addEventListener("htmx:before:request", begun);
  // There, because the part may have been replaced by then.
  document.addEventListener("htmx:finally:request", ended);
  htmx.trigger(source, "changed", {}, false);
}

// A log is followed while its end is in sight; else it stays as it is, and a link tells of more.
function isSeen(end) {
  const isIt = end.getBoundingClientRect().top < innerHeight + 120;
  document.getElementById("jump").hidden = isIt;
  return isIt;
}

function show(end) {
  if (end && innerHeight < end.getBoundingClientRect().bottom) end.scrollIntoView({ block: "end" });
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
    const end = document.getElementById("end");
    if (!fetched.has(end.id)) load(end, end.parentElement);
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
