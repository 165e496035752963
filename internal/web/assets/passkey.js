// Passkeys: a button asks the person's device, and its form carries the answer (DESIGN §18: with script only; a page
// that asks for a passkey offers something else beside it). No inline script, no eval, no innerHTML.
'use strict'
;(() => {
  const supported = Boolean(window.isSecureContext && window.PublicKeyCredential && navigator.credentials)
  const one = (selector, root = document) => root.querySelector(selector)
  const all = (selector, root = document) => [...root.querySelectorAll(selector)]

  // — WebAuthn speaks in bytes, JSON in base64url —
  const bytes = (written) => Uint8Array.from(atob(written.replaceAll('-', '+').replaceAll('_', '/')), (c) => c.charCodeAt(0))
  const written = (buffer) => {
    const letters = [...new Uint8Array(buffer)].map((b) => String.fromCharCode(b)).join('')
    return btoa(letters).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')
  }
  const named = (list) => (list ?? []).map((key) => ({ ...key, id: bytes(key.id) }))

  const toMake = (o) => ({
    ...o, challenge: bytes(o.challenge), user: { ...o.user, id: bytes(o.user.id) }, excludeCredentials: named(o.excludeCredentials),
  })
  const toUse = (o) => ({ ...o, challenge: bytes(o.challenge), allowCredentials: named(o.allowCredentials) })

  // answered writes what the device answered, field by field: what is missing is left out.
  const answered = (key) => {
    const response = {}
    for (const name of ['clientDataJSON', 'attestationObject', 'authenticatorData', 'signature', 'userHandle']) {
      if (key.response[name]) response[name] = written(key.response[name])
    }
    const transports = key.response.getTransports?.()
    if (transports) response.transports = transports
    return JSON.stringify({ id: key.id, rawId: written(key.rawId), type: key.type, clientExtensionResults: {}, response })
  }

  // refusal is what the server said instead of giving options; its sentence is for the person.
  class Refusal extends Error {}

  const optionsOf = async (block) => {
    const answer = await fetch(block.dataset.passkey, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: '{}' })
    if (answer.redirected) {
      location.assign(answer.url) // the session has ended
      throw new DOMException('', 'AbortError')
    }
    const said = await answer.json()
    if (!answer.ok) throw new Refusal(said.text)
    return said.publicKey
  }

  const ask = async (block) => {
    const options = await optionsOf(block)
    return 'make' in block.dataset
      ? navigator.credentials.create({ publicKey: toMake(options) })
      : navigator.credentials.get({ publicKey: toUse(options) })
  }

  // — What the person is told —
  const say = (element, words) => {
    element.textContent = words
    element.hidden = words === ''
  }

  const sentence = (block, error) => {
    if (error instanceof Refusal) return error.message
    if (error.name === 'NotAllowedError') return block.dataset.cancelled // said no, waited too long, or has none here
    if (error.name === 'InvalidStateError') return block.dataset.known
    if (error.name === 'AbortError') return ''
    return block.dataset.failed
  }

  const asking = (block, yes) => {
    const button = one('[type=button]', block)
    button.disabled = yes
    say(one('[role=status]', block), yes ? block.dataset.waiting : '')
    if (!yes) button.focus()
  }

  // send submits the form: to where the passkey goes, or by the button of the act that it stands before.
  const send = (block) => {
    const form = block.closest('form')
    const own = one('[type=submit]', block)
    if (own) return form.requestSubmit(own)
    const after = [...form.elements].filter((e) => e.type === 'submit' && !e.formNoValidate
      && block.compareDocumentPosition(e) & Node.DOCUMENT_POSITION_FOLLOWING)
    const main = after.find((e) => e.matches('.btn-1, .btn-bad1, .btn-bad')) ?? after[0]
    return form.requestSubmit(main)
  }

  const use = async (block) => {
    const refused = one('[role=alert]', block)
    say(refused, '')
    asking(block, true)
    try {
      const key = await ask(block)
      one('input[type=hidden]', block).value = answered(key)
      asking(block, false)
      send(block)
    } catch (error) {
      asking(block, false)
      say(refused, sentence(block, error))
    }
  }

  document.addEventListener('click', (event) => {
    const button = event.target.closest?.('[data-passkey] [type=button]')
    if (button) use(button.closest('[data-passkey]'))
  })
  // An answer serves once: a page shown again from the browser's memory must ask again.
  addEventListener('pageshow', () => all('[data-passkey] input[type=hidden]').forEach((field) => { field.value = '' }))
  if (supported) all('[data-no-passkey]').forEach((e) => e.remove())
})()
