// The one script of the pages. Everything works without it (DESIGN §18): it saves time and clicks.
// No inline script, no eval, no innerHTML: other pages are parsed by XMLHttpRequest (responseType "document"),
// which trusted types allow, and their nodes adopted.
'use strict'
;(() => {
  const one = (selector, root = document) => root.querySelector(selector)
  const all = (selector, root = document) => [...root.querySelectorAll(selector)]
  const plural = new Intl.PluralRules(document.documentElement.lang || 'fr')

  // fill writes a count into the sentence the server gave for its plural form: data-one, data-many, data-other.
  const fill = (element, count) => {
    const sentence = element.dataset[plural.select(count)] ?? element.dataset.other
    return sentence.replace('{n}', String(count))
  }

  // announce changes a text only when it differs, so that a screen reader says it once.
  const announce = (element, text) => {
    if (element && element.textContent !== text) element.textContent = text
  }

  // — Errors: the summary takes focus, its links go to the field and show its label —
  const focusField = (event) => {
    const link = event.target.closest('[data-error-summary] a')
    const field = link && document.getElementById(link.hash.slice(1))
    if (!field) return
    event.preventDefault()
    const label = field.labels?.[0] ?? field.closest('fieldset')?.firstElementChild ?? field
    label.scrollIntoView({ block: 'start' })
    field.focus({ preventScroll: true })
  }

  // — Passwords: «Afficher» —
  const unhide = () => {
    const passkey = window.isSecureContext && window.PublicKeyCredential ? ', [data-passkey][hidden]' : ''
    all(`[data-reveal][hidden], [data-all][hidden], [data-copy][hidden], [data-print][hidden]${passkey}`).forEach((e) => { e.hidden = false })
  }

  const show = (button, visible) => {
    const input = document.getElementById(button.dataset.reveal)
    input.type = visible ? 'text' : 'password'
    button.setAttribute('aria-pressed', String(visible))
    announce(one('[role=status]', button.parentElement), visible ? button.dataset.shown : button.dataset.masked)
  }

  // — A secret shown once: copied by a button, gone from the page that the browser keeps in its memory —
  const textOf = (element) => element.value ?? element.innerText
  const copy = (group) => navigator.clipboard?.writeText(textOf(document.getElementById(group.dataset.copy))).then(() => {
    const said = one('[data-said]', group)
    announce(said, said.dataset.said)
  })

  const forget = () => all('[data-once]').forEach((field) => {
    if (!('value' in field)) return field.replaceChildren()
    field.value = ''
    field.removeAttribute('value')
  })

  // — Submitting: the button says it is busy, and a second press does nothing —
  const busy = (event) => {
    const form = event.target
    if (form.dataset.sent) {
      event.preventDefault()
      return
    }
    all('[data-reveal][aria-pressed=true]', form).forEach((button) => show(button, false))
    if (form.method !== 'post') return
    form.dataset.sent = 'true'
    setTimeout(rest, 10_000)
    const button = event.submitter
    if (!button?.dataset.busy) return
    button.dataset.idle = one('[data-label]', button).textContent
    button.setAttribute('aria-busy', 'true')
    announce(one('[data-label]', button), button.dataset.busy)
  }

  // rest undoes busy: when the browser shows the page again from its memory, or when the answer was a download.
  const rest = () => {
    all('form[data-sent]').forEach((form) => delete form.dataset.sent)
    all('[aria-busy=true][data-idle]').forEach((button) => {
      button.removeAttribute('aria-busy')
      announce(one('[data-label]', button), button.dataset.idle)
    })
  }

  // — Selection in a list: count, select all, hide the bar when nothing is ticked —
  const boxes = (form) => [...form.elements].filter((e) => e.classList.contains('sel'))

  const count = (form) => {
    const rows = boxes(form)
    const ticked = rows.filter((box) => box.checked).length
    const head = one(`[data-all="${form.id}"] input`)
    if (head) {
      head.checked = ticked > 0 && ticked === rows.length
      head.indeterminate = ticked > 0 && ticked < rows.length
    }
    form.hidden = ticked === 0
    const sentence = one('[data-count]', form)
    const words = fill(sentence, ticked)
    announce(sentence, words)
    announce(document.getElementById(`${form.id}-status`), ticked ? words : '')
    const everyone = one('[data-everyone]', form)
    if (!everyone) return
    everyone.hidden = ticked < rows.length
    if (everyone.hidden) one('input', everyone).checked = false
  }

  const countAll = () => all('form[data-bulk]').forEach(count)

  const tick = (form, checked) => {
    boxes(form).forEach((box) => { box.checked = checked })
    count(form)
  }

  // — «Ajouter un autre»: one more field, like the last one —
  const addField = (button) => {
    const group = button.closest('[data-repeat]')
    const fields = all('.field', group)
    const last = fields.at(-1)
    const number = fields.length + 1
    const copy = last.cloneNode(true)
    const input = one('input', copy)
    const label = one('label', copy)
    input.id = `${group.dataset.repeat}-${number}`
    input.value = ''
    for (const name of ['aria-invalid', 'aria-describedby', 'autofocus']) input.removeAttribute(name)
    all('.err, .hint', copy).forEach((e) => e.remove())
    label.htmlFor = input.id
    label.textContent = group.dataset.label.replace('{n}', String(number))
    last.after(copy)
    input.focus()
    if (number >= Number(group.dataset.max)) button.hidden = true
  }

  // — Confirmations (level 2): the page behind the link, shown in a dialog —
  const openDialog = (link) => {
    const request = new XMLHttpRequest()
    request.open('GET', link.href)
    request.responseType = 'document'
    request.onload = () => {
      const content = request.status === 200 && request.response && one('[data-confirm]', request.response)
      if (content) showDialog(document.adoptNode(content), link)
      else location.assign(link.href)
    }
    request.onerror = () => location.assign(link.href)
    request.send()
  }

  const showDialog = (content, opener) => {
    const dialog = document.createElement('dialog')
    const title = one('h1', content)
    if (title) dialog.setAttribute('aria-labelledby', title.id)
    dialog.append(content)
    document.body.append(dialog)
    dialog.addEventListener('click', (event) => {
      const keep = event.target.closest('[data-keep]')
      if (!keep && event.target !== dialog) return
      event.preventDefault()
      dialog.close()
    })
    dialog.addEventListener('close', () => {
      dialog.remove()
      opener.focus()
    })
    unhide()
    dialog.showModal()
    one('[data-keep]', dialog)?.focus()
  }

  // — A form of several steps: what depends on an answer is shown in place, and kept nowhere —
  // A choice is shown at once; a text waits, so that nothing is asked of a page that is being left.
  let previewed
  let waiting
  const preview = (field) => {
    clearTimeout(waiting)
    waiting = setTimeout(() => previewNow(field, field.form), field.type === 'radio' ? 0 : 300)
  }

  const previewNow = (field, form) => {
    if (form.dataset.sent || !field.isConnected) return
    const parts = field.closest('[data-live]').dataset.live.split(' ')
    const request = previewed = new XMLHttpRequest()
    const answers = new URLSearchParams(new FormData(form))
    answers.set('do', 'preview')
    request.open('POST', form.action)
    request.responseType = 'document'
    request.onload = () => {
      if (request.status !== 200 || request !== previewed || form.dataset.sent) return
      for (const id of parts) {
        const fresh = request.response?.getElementById(id)
        if (!fresh) continue
        const old = document.getElementById(id)
        keepTyped(old, fresh, answers)
        old.replaceWith(document.adoptNode(fresh))
      }
    }
    request.send(answers)
  }

  // What was typed or chosen after the question was sent stays: the answer does not know it.
  const keepTyped = (old, fresh, sent) => {
    const named = (name) => [...fresh.querySelectorAll('input, select, textarea')].filter((field) => field.name === name)
    for (const field of old.querySelectorAll('input[name], select[name], textarea[name]')) {
      const told = sent.getAll(field.name).includes(field.value)
      if (field.type === 'checkbox' || field.type === 'radio') {
        const same = named(field.name).find((other) => other.value === field.value)
        if (same && field.checked !== told) same.checked = field.checked
      } else if (!told && field.type !== 'file' && named(field.name).length === 1) named(field.name)[0].value = field.value
    }
  }

  // — The list's partial refresh is htmx's work; here is what it cannot know —
  // An answer that is no list (session ended, error page) is shown as the page it is.
  const checkAnswer = (event) => {
    const { xhr, target, pathInfo } = event.detail
    if (xhr.status === 200 && xhr.responseText.includes(`id="${target.id}"`)) return
    event.preventDefault()
    location.assign(pathInfo.finalRequestPath)
  }

  const reload = (event) => location.assign(event.detail.pathInfo.finalRequestPath)

  // restoreFocus puts the reader at the list when what had the focus is gone (a page number, a sort link).
  const restoreFocus = () => {
    countAll()
    unhide()
    const results = one('.results')
    if (document.activeElement !== document.body || !results) return
    results.focus({ preventScroll: true })
    results.scrollIntoView({ block: 'nearest' })
  }

  const setBusy = (value) => (event) => event.detail.target?.setAttribute('aria-busy', value)

  // — Wiring: listeners on the document, so that replaced parts need nothing —
  document.addEventListener('click', (event) => {
    const on = (selector) => event.target.closest?.(selector)
    const reveal = on('[data-reveal]')
    const add = on('[data-add]')
    const copied = event.target.closest?.('button') && on('[data-copy]')
    const link = on('a[data-dialog]')
    if (reveal) show(reveal, reveal.getAttribute('aria-pressed') !== 'true')
    else if (copied) copy(copied)
    else if (on('[data-print]')) print()
    else if (add) {
      event.preventDefault()
      addField(add)
    } else if (link && !event.ctrlKey && !event.metaKey && !event.shiftKey && event.button === 0) {
      event.preventDefault()
      openDialog(link)
    } else focusField(event)
  })
  document.addEventListener('change', (event) => {
    const field = event.target
    const head = field.closest?.('[data-all]')
    if (head) tick(document.getElementById(head.dataset.all), field.checked)
    else if (field.form?.matches('[data-bulk]')) count(field.form)
    else if (field.form?.matches('[data-live]')) preview(field)
    else if (field.form?.matches('[data-filter]') && field.matches('select, [type=checkbox], [type=radio]')) field.form.requestSubmit()
  })
  document.addEventListener('reset', (event) => setTimeout(() => {
    if (event.target.matches('[data-bulk]')) tick(event.target, false)
  }))
  document.addEventListener('keydown', (event) => {
    const form = event.key === 'Escape' && event.target.matches('.sel') && event.target.form
    if (form) tick(form, false)
  })
  document.addEventListener('submit', busy)
  document.addEventListener('htmx:beforeRequest', setBusy('true'))
  document.addEventListener('htmx:beforeSwap', checkAnswer)
  document.addEventListener('htmx:sendError', reload)
  document.addEventListener('htmx:timeout', reload)
  document.addEventListener('htmx:afterSettle', restoreFocus)
  addEventListener('pageshow', rest)
  addEventListener('pagehide', forget)

  unhide()
  countAll()
  one('[data-error-summary]')?.focus()
})()
