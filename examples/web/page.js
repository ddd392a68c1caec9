// What a page does beyond its HTML: it counts down, and goes on by itself once the code was entered. Without this script
// the page with the code loads itself again from time to time.
const timer = document.querySelector("[role=timer]")
const status = document.querySelector("[role=status]")

/** Tells a screen reader, which would not want to hear each second. */
const say = (text) => {
  if (status.textContent !== text) status.textContent = text
}

if (timer) {
  const ends = performance.now() + Number(timer.dataset.left) * 1000
  const show = () => {
    const left = Math.max(0, Math.ceil((ends - performance.now()) / 1000))
    const minutes = Math.floor(left / 60)
    timer.textContent = `${minutes}:${String(left % 60).padStart(2, "0")}`
    if (left === 300 || left === 60) say(minutes === 1 ? "One minute left" : `${minutes} minutes left`)
    if (left === 0) location.reload()
  }
  setInterval(show, 1000)
}

const sleep = (seconds) => new Promise((resolve) => setTimeout(resolve, seconds * 1000))

/** Asks the server, which takes its time to answer, until there is something new to see. */
const wait = async () => {
  for (;;) {
    const answer = await fetch("/wait", { method: "POST" }).catch(() => undefined)
    if (answer?.status === 204) {
      status.classList.add("spoken")
      say("")
    } else if (answer === undefined || answer.status === 429 || answer.status === 503) {
      status.classList.remove("spoken")
      say("There is some trouble on the way to Plex. Still trying.")
      await sleep(Math.min(Number(answer?.headers.get("retry-after")) || 5, 60))
    } else {
      return location.assign("/look")
    }
  }
}

if (document.querySelector("[data-wait]")) wait()
