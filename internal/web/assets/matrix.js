// The rights matrix, quicker: arrows, letters, copied rows, and changes kept as they are made (DESIGN §14).
// Everything works without it: each button submits the form, and the page comes back with the changes pending.
// No inline script, no eval, no innerHTML, as in app.js.
'use strict'
;(() => {
  const form = document.querySelector('form[data-matrix]')
  if (!form) return
  const one = (selector, root = document) => root.querySelector(selector)
  const all = (selector, root = document) => [...root.querySelectorAll(selector)]
  const table = one('.mx-table', form)
  const plural = new Intl.PluralRules(document.documentElement.lang || 'fr')
  const fill = (element, count) => (element.dataset[plural.select(count)] ?? element.dataset.other).replace('{n}', String(count))
  const announce = (element, text) => {
    if (element && element.textContent !== text) element.textContent = text
  }
  const say = (key, name) => announce(document.getElementById('matrix-status'), form.dataset[key].replace('{name}', name))

  // — A cell: what it holds, what is recorded, what was changed in this page —
  // Its name is c.ROW.COLUMN.RECORDED.SHOWN; once touched, SHOWN is * and the server takes its value as it is.
  const recorded = (select) => select.name.split('.')[3]
  const may = (select, letter) => [...select.options].some((option) => option.value === letter && !option.disabled)
  const wordOf = (select, letter) => [...select.options].find((option) => option.value === letter)?.text ?? ''

  const mark = (select) => {
    const cell = select.parentElement
    const changed = select.value !== recorded(select)
    select.name = [...select.name.split('.').slice(0, 4), '*'].join('.')
    cell.classList.toggle('mod', changed)
    one('.was:not([data-stays])', cell)?.remove()
    const described = all('.was', cell).map((note) => note.id)
    if (changed) described.push(struck(select, cell).id)
    if (described.length) select.setAttribute('aria-describedby', described.join(' '))
    else select.removeAttribute('aria-describedby')
  }

  const struck = (select, cell) => {
    const note = document.createElement('span')
    const intro = document.createElement('span')
    const former = document.createElement('s')
    note.className = 'was'
    note.id = `was-${select.id}`
    intro.className = 'vh'
    intro.textContent = `${form.dataset.recorded} `
    former.textContent = wordOf(select, recorded(select))
    note.append(intro, former)
    cell.append(note)
    return note
  }

  const undone = [] // batches of {select, from}, the latest last
  const known = new Map() // what each cell held before it was touched
  const remember = (select) => known.set(select, select.value)

  // put sets several cells at once: one batch for Ctrl+Z.
  const put = (wishes, { quiet = false } = {}) => {
    const batch = wishes.filter(({ select, value }) => known.get(select) !== value && may(select, value))
    if (!batch.length) return false
    if (!quiet) undone.push(batch.map(({ select }) => ({ select, value: known.get(select) })))
    for (const { select, value } of batch) {
      select.value = value
      remember(select)
      mark(select)
    }
    keepSoon()
    return true
  }

  const takeBack = () => {
    const batch = undone.pop()
    if (batch && put(batch, { quiet: true })) say('undone', '')
  }

  // — Keeping: the draft on the server follows, one request after the other —
  let waiting
  let request
  let again = false
  const keepSoon = () => {
    clearTimeout(waiting)
    waiting = setTimeout(keep, 250)
  }

  const keep = () => {
    clearTimeout(waiting)
    waiting = undefined
    if (request) {
      again = true
      return
    }
    const answers = new URLSearchParams(new FormData(form))
    answers.set('do', 'keep')
    request = new XMLHttpRequest()
    request.open('POST', form.action)
    request.responseType = 'document'
    request.onload = () => kept(request)
    request.onerror = () => giveUp()
    request.send(answers)
  }

  const kept = ({ status, response }) => {
    request = undefined
    const fresh = status === 200 && response?.getElementById('pending')
    if (!fresh) return giveUp()
    refresh(response)
    if (again) {
      again = false
      keep()
    } else if (held) {
      const button = held
      held = undefined
      form.requestSubmit(button)
    }
  }

  // giveUp lets the browser ask what the script could not: it shows whatever the server says.
  const giveUp = () => {
    request = undefined
    const what = document.createElement('input')
    Object.assign(what, { type: 'hidden', name: 'do', value: 'stay' })
    form.append(what)
    form.submit()
  }

  const refresh = (answer) => {
    const had = document.activeElement?.closest('#pending') ? document.activeElement.value : undefined
    document.getElementById('pending').replaceWith(document.adoptNode(answer.getElementById('pending')))
    const bar = document.getElementById('decision')
    const fresh = answer.getElementById('decision')
    bar.hidden = fresh.hidden && Boolean(table) // without a grid, what must be corrected can still be sent
    announce(one('[role=status]', bar), one('[role=status]', fresh).textContent)
    if (leaving) toDecision()
    if (had !== undefined) (one('#pending [name=undo]') ?? (table && one('[data-here]', table)))?.focus()
  }

  let leaving = false

  // A button pressed while a request is on its way waits for its answer.
  let held
  form.addEventListener('submit', (event) => {
    clearTimeout(waiting)
    waiting = undefined
    if (!request) return
    event.preventDefault()
    event.stopPropagation()
    held = event.submitter
  })

  // — The pending lines: «Annuler» of a line whose cell is on this page needs no other page —
  form.addEventListener('click', (event) => {
    const button = event.target.closest('#pending [name=undo]')
    const select = button?.dataset.cell && document.getElementById(button.dataset.cell)
    if (!select) return
    event.preventDefault()
    put([{ select, value: recorded(select) }])
  })

  // — People and columns that are ticked —
  const ticked = (name) => all(`.tk[name=${name}]`, form).filter((box) => box.checked)
  const tickedNames = (boxes) => boxes.map((box) => box.dataset.name).join(', ')

  const countTicks = () => {
    const [people, columns] = [ticked('m'), ticked('r')]
    for (const [part, boxes] of [['people', people], ['columns', columns]]) {
      for (const block of all(`[data-for=${part}]`, form)) {
        block.hidden = boxes.length === 0
        const sentence = one('[data-count]', block)
        if (sentence && boxes.length) announce(sentence, fill(sentence, boxes.length))
        announce(one('[data-names]', block), tickedNames(boxes))
      }
    }
    const rule = one('.tool hr', form)
    if (rule) rule.hidden = !people.length || !columns.length
    const box = one('.tool', form)
    if (box) box.hidden = !people.length && !columns.length
  }

  // — The grid: one stop for Tab, arrows inside —
  const rows = () => all('tr', table).filter((row) => !row.classList.contains('grp'))
  const stop = (cell) => one('select, input, .mx-name', cell) ?? (one('.own, .lv', cell) ? cell : null)
  const stops = (row) => [...row.cells].map(stop)

  const makeGrid = () => {
    table.setAttribute('role', 'grid')
    for (const cell of all('[role=cell]', table)) cell.setAttribute('role', 'gridcell')
    for (const target of rows().flatMap(stops)) if (target) target.tabIndex = -1
    const first = one('tbody select', table) ?? rows().flatMap(stops).find(Boolean)
    if (first) here(first)
  }

  const here = (target) => {
    const before = one('[data-here]', table)
    if (before) {
      before.tabIndex = -1
      delete before.dataset.here
    }
    target.tabIndex = 0
    target.dataset.here = ''
  }

  const go = (target) => {
    if (!target) return
    here(target)
    target.focus()
  }

  const place = (target) => {
    const cell = target.closest('td, th')
    const lines = rows()
    return { lines, line: lines.indexOf(cell.parentElement), column: cell.cellIndex }
  }

  const sideways = (target, step) => {
    const { lines, line, column } = place(target)
    const list = stops(lines[line])
    for (let n = column + step; n >= 0 && n < list.length; n += step) if (list[n]) return list[n]
    return null
  }

  const upright = (target, step) => {
    const { lines, line, column } = place(target)
    for (let n = line + step; n >= 0 && n < lines.length; n += step) {
      const found = stops(lines[n])[column]
      if (found) return found
    }
    return null
  }

  const edge = (target, last, whole) => {
    const { lines, line } = place(target)
    const list = (whole ? lines.filter((row) => row.closest('tbody')).flatMap(stops) : stops(lines[line])).filter(Boolean)
    return last ? list.at(-1) : list[0]
  }

  const moves = {
    ArrowLeft: (target) => sideways(target, -1),
    ArrowRight: (target) => sideways(target, 1),
    ArrowUp: (target) => upright(target, -1),
    ArrowDown: (target) => upright(target, 1),
    Home: (target, event) => edge(target, false, event.ctrlKey),
    End: (target, event) => edge(target, true, event.ctrlKey),
  }

  const plain = (text) => text.normalize('NFD').charAt(0).toLowerCase()
  // byLetter is the level that a letter means; pressed again, the next one with that letter.
  const byLetter = (select, key) => {
    const found = [...select.options].filter((option) => !option.disabled && plain(option.text) === plain(key)).map((option) => option.value)
    return found[(found.indexOf(select.value) + 1) % found.length]
  }

  let copied // {name, levels: column → letter}
  const rowOf = (target) => target.closest('tbody tr')
  const selects = (row) => all('select', row)

  const copyRow = (row) => {
    copied = { row, levels: new Map(selects(row).map((select) => [select.closest('td').cellIndex, select.value])) }
    say('copied', row.dataset.name)
  }

  const pasteRow = (row) => {
    if (!copied || copied.row === row) return
    const wishes = selects(row).map((select) => ({ select, value: copied.levels.get(select.closest('td').cellIndex) }))
    put(wishes.filter(({ value }) => value !== undefined))
    say('pasted', row.dataset.name)
  }

  const command = (event) => {
    const row = rowOf(event.target)
    const act = { c: row && (() => copyRow(row)), v: row && (() => pasteRow(row)), z: takeBack }[event.key.toLowerCase()]
    if (!act || event.shiftKey || event.altKey) return false
    act()
    return true
  }

  // Space on the name that heads a row ticks the person.
  const tickRow = (target) => {
    const box = one('.tk', rowOf(target))
    if (box) {
      box.checked = !box.checked
      countTicks()
      say(box.checked ? 'ticked' : 'unticked', rowOf(target).dataset.name)
    }
    return true
  }

  // toDecision goes to the bar; while a first change is still on its way to the server, once it is there.
  const toDecision = () => {
    const bar = document.getElementById('decision')
    leaving = bar.hidden && Boolean(waiting || request)
    if (!bar.hidden) all('button', bar).at(-1).focus()
    return leaving || !bar.hidden
  }

  const pressed = (event) => {
    const { key, target } = event
    if ((event.ctrlKey || event.metaKey) && !moves[key]) return command(event)
    if (event.altKey || event.shiftKey) return false
    if (key === 'Escape') return toDecision()
    if (moves[key]) {
      go(moves[key](target, event))
      return true
    }
    if (key === ' ' && target.matches('.mx-name')) return tickRow(target)
    const value = target.matches('select') && key.length === 1 && byLetter(target, key)
    if (!value) return false
    put([{ select: target, value }])
    return true
  }

  // — The levels of one member: no grid, but kept as they are made too; dates once they are whole —
  const line = (field) => {
    if (field.matches('select')) field.parentElement.classList.toggle('mod', field.value !== field.dataset.was)
    const seen = form.elements[`seen.${field.name.split('.')[1]}`]
    document.getElementById('decision').hidden = false
    seen.value = [...seen.value.split(' ').slice(0, 3), '*', '*', '*'].join(' ')
    keepSoon()
  }

  if (!table) {
    form.addEventListener('change', (event) => {
      if (event.target.matches('[data-was]')) line(event.target)
    })
    form.addEventListener('focusout', (event) => {
      if (event.target.matches('[type=date]') && event.target.value !== event.target.defaultValue) line(event.target)
    })
    return
  }

  // — Wiring —
  all('select', table).forEach(remember)
  form.addEventListener('change', (event) => {
    const field = event.target
    if (known.has(field)) put([{ select: field, value: field.value }])
    else if (field.matches('.tk')) countTicks()
  })
  table.addEventListener('focusin', (event) => {
    if (event.target.matches('select, input, .mx-name, [role=gridcell]')) here(event.target)
  })
  table.addEventListener('keydown', (event) => {
    if (event.target.closest('td, th') && pressed(event)) event.preventDefault()
  })
  for (const hint of all('[data-script]')) hint.hidden = false
  makeGrid()
  countTicks()
})()
