// Package ui owns the look and the parts of every web page: layouts, buttons,
// fields, tables, messages, plaques (DESIGN §5-8), as templ components.
//
// It must not know any noun of the field, any rule, any route but the few
// addresses of paths.go, nor the store. It receives finished words and shows them.
//
// Its rules:
//   - A page fills one Page and calls one layout (App, Solo, Auth, Bare); the
//     layout puts the printer of the page in the context, and components take
//     their few fixed words (ui.*, common.*) from there. Every other text comes
//     in already translated.
//   - No inline script or style, no on* attribute, no templ.Raw, no script
//     templ (rules.md 8, 15). A test reads the templates for it.
//   - Everything works without script; app.js only saves time (DESIGN §18).
//   - Meaning never rests on colour alone: an icon's shape and a word say it too.
//   - Between components, pages lay out with a few classes of app.css: stack and
//     stack-lg (vertical rhythm), row, push, cols (fields side by side), duo (two
//     columns of cards), two (content and aside), slim, gap, mt, mb, wide; and for
//     words muted, small, num, nw, vh (screen readers only).
//   - Every identifier of a page is unique: a component takes its id from its
//     name, or from the ID it is given when a page shows it twice.
package ui

//go:generate go tool -modfile=../../../tools/go.mod templ generate
