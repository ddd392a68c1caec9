// What a page does beyond its HTML: it counts down, and goes on by itself once the code was entered. Without this script
// the page with the code loads itself again from time to time.

/** The time that is left. A screen reader hears of it twice, and not each second. */
const countDown = (timer) => {
  const status = document.querySelector("[role=status]")
  const ends = performance.now() + Number(timer.dataset.left) * 1000
  setInterval(() => {
    const left = Math.max(0, Math.ceil((ends - performance.now()) / 1000))
    timer.textContent = `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`
    const news = left > 300 ? "" : left > 60 ? "Less than five minutes left" : "Less than a minute left"
    if (status.textContent !== news) status.textContent = news
    if (left === 0) location.reload()
  }, 1000)
}

const sleep = (seconds) => new Promise((resolve) => setTimeout(resolve, seconds * 1000))

/** Asks the server, which takes its time to answer, until there is something new to see. */
const wait = async (trouble) => {
  for (;;) {
    const answer = await fetch("/wait", { method: "POST" }).catch(() => undefined)
    const isTrouble = answer === undefined || answer.status === 429 || answer.status === 503
    if (!isTrouble && answer.status !== 204) return location.assign("/look")
    trouble.hidden = !isTrouble
    if (isTrouble) await sleep(Math.min(Number(answer?.headers.get("retry-after")) || 5, 60))
  }
}

const timer = document.querySelector("[role=timer]")
if (timer) countDown(timer)

const trouble = document.querySelector("[data-wait]")
if (trouble) wait(trouble)
