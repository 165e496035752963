// Writes internal/web/assets/icons.svg from the names typed in internal/web/ui/icon.go.
// Use: node tools/icons.mjs PATH   where PATH is an unpacked @phosphor-icons/core 2.1 (MIT).
import { readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const phosphor = process.argv[2]
if (!phosphor) throw new Error('give the path of @phosphor-icons/core 2.1')

const source = readFileSync(join(root, 'internal/web/ui/icon.go'), 'utf8')
const names = [...source.matchAll(/IconName = "([a-z-]+)"/g)].map((m) => m[1]).sort()

const symbols = names.map((name) => {
  const folder = name.endsWith('-fill') ? 'fill' : 'regular'
  const svg = readFileSync(join(phosphor, 'assets', folder, `${name}.svg`), 'utf8')
  const paths = svg.match(/<path[^>]*\/>/g)
  if (!paths) throw new Error(`${name}: no path`)
  return `<symbol id="${name}" viewBox="0 0 256 256">${paths.join('')}</symbol>`
})

const head = '<svg xmlns="http://www.w3.org/2000/svg"><!-- Phosphor Icons 2.1, © 2023 Phosphor Icons, MIT License: see LICENSE-phosphor-icons.txt -->'
writeFileSync(join(root, 'internal/web/assets/icons.svg'), [head, ...symbols, '</svg>', ''].join('\n'))
console.log(`${names.length} icons`)
