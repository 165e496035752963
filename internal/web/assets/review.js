// An access review by keyboard: letters choose, arrows go from one person to the next (DESIGN §16).
// Everything works without it: the radios, the boxes and the button are plain form controls.
// No inline script, no eval, no innerHTML, as in app.js.
'use strict'
;(() => {
  const form = document.querySelector('form[data-review]')
  if (!form) return
  const one = (selector, root = document) => root.querySelector(selector)
  const all = (selector, root = document) => [...root.querySelectorAll(selector)]
  const plural = new Intl.PluralRules(document.documentElement.lang || 'fr')
  const cards = all('.rv', form).filter((card) => one('[data-key]', card))
  const save = one('[data-save]', form)
  const radios = (card) => all('[data-key]', card)
  const chosen = (card) => radios(card).find((radio) => radio.checked)

  // — Which decisions are not saved yet: what each card held when the page came, and holds now —
  const holds = (card) => all('input, textarea', card).map((field) => (field.type === 'radio' || field.type === 'checkbox' ? field.checked : field.value)).join('\n')
  const first = new Map(cards.map((card) => [card, holds(card)]))
  const bar = one('[data-chosen]', form)
  const idle = bar?.textContent

  const count = () => {
    if (!bar) return
    const n = cards.filter((card) => holds(card) !== first.get(card)).length
    const words = n ? (bar.dataset[plural.select(n)] ?? bar.dataset.other).replace('{n}', String(n)) : idle
    if (bar.textContent !== words) bar.textContent = words
  }

  // — Going from one person to another; after the last one comes the button —
  const go = (card) => {
    if (!card) {
      save?.focus()
      return
    }
    (chosen(card) ?? radios(card)[0]).focus()
    card.scrollIntoView({ block: 'nearest' })
  }
  const beside = (card, step) => cards[cards.indexOf(card) + step]

  const choose = (card, radio) => {
    radio.checked = true
    count()
    if (radio.value === 'keep') {
      go(beside(card, 1))
      return
    }
    radio.focus()
    if (radio.value === 'remove') {
      one('textarea', card).focus()
      return
    }
    all('details', card).forEach((more) => { more.open = true })
    const box = one('.rights .sel', card)
    if (box) box.focus()
  }

  const typing = (element) => element.matches('textarea, select, input:not([type=radio]):not([type=checkbox])')

  const press = (event) => {
    const card = event.target.closest('.rv')
    if (!card || !cards.includes(card) || event.altKey || event.metaKey || event.isComposing) return
    if (event.key === 'Escape') {
      event.preventDefault()
      go(card)
      return
    }
    if (typing(event.target)) {
      if (event.key !== 'Enter' || !event.ctrlKey) return
      event.preventDefault()
      go(beside(card, 1))
      return
    }
    if (event.ctrlKey) return
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
    if (step) {
      event.preventDefault()
      if (step > 0 || beside(card, step)) go(beside(card, step))
      return
    }
    const radio = radios(card).find((one) => one.dataset.key.toLowerCase() === event.key.toLowerCase())
    if (!radio) return
    event.preventDefault()
    choose(card, radio)
  }

  form.addEventListener('keydown', press)
  form.addEventListener('input', count)
  form.addEventListener('reset', () => setTimeout(count))
  all('[data-keys][hidden]').forEach((help) => { help.hidden = false })
  count()

  // After a page was saved, the next one goes on where the reader was.
  // The browser goes to the place that the address names when the page has come, and takes the focus with it: after that.
  const resume = () => {
    if (location.hash === '#people' && cards.length && !one('[data-error-summary]')) go(cards[0])
  }
  addEventListener('load', () => requestAnimationFrame(resume))
})()
