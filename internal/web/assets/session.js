// The end of a session, told two minutes before, and the lock of a shared workstation (DESIGN §18: script only adds).
// The server alone decides: nothing here prolongs a session but a request, and a session left alone ends whatever
// a page does. The tabs of one browser tell one another that the session was used.
'use strict'
;(() => {
  const WARN = 120 // seconds before the end
  const TYPED = 60 // seconds between two signs of life of somebody who types
  const dialog = document.querySelector('dialog[data-session]')
  if (!dialog) return
  const tabs = 'BroadcastChannel' in window ? new BroadcastChannel('session') : { postMessage () {} }
  const last = dialog.querySelector('[data-last]')
  const lockAfter = Number(dialog.dataset.lock || 0) * 1000
  const now = () => Date.now()
  let ends, locks, asked

  const alive = (seconds) => {
    asked = now()
    ends = asked + seconds * 1000
    locks = lockAfter ? asked + lockAfter : Infinity
    last.hidden = seconds > WARN
    if (seconds > WARN && dialog.open) dialog.close()
  }

  // keep is the one request that prolongs the session: a button, or somebody who types.
  const keep = async () => {
    asked = now()
    const answer = await fetch(dialog.dataset.keep, { method: 'POST' })
    if (!answer.ok || answer.redirected) return location.reload()
    const seconds = Number(answer.headers.get('Session-Left'))
    tabs.postMessage(seconds)
    alive(seconds)
  }

  // look compares with the clock, which goes on while a computer sleeps and timers do not.
  const look = () => {
    if (now() >= locks) return location.replace(dialog.dataset.locked)
    if (now() >= ends) return location.reload()
    if (now() >= ends - WARN * 1000 && !dialog.open) dialog.showModal()
  }

  tabs.onmessage = (event) => alive(Number(event.data))
  dialog.querySelector('[data-stay]').addEventListener('click', () => { keep().catch(() => {}) })
  document.addEventListener('input', () => { if (now() - asked > TYPED * 1000) keep().catch(() => {}) })
  document.addEventListener('visibilitychange', look)
  alive(Number(dialog.dataset.session))
  tabs.postMessage(Number(dialog.dataset.session))
  setInterval(look, 1000)
})()
