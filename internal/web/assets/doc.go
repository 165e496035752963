// Package assets owns the static files of the web pages: the style sheet, the
// one script, htmx, the fonts, the drawings and the icon sprite, embedded in
// the binary with their licences.
//
// It must not know any page, any noun of the field, nor the store.
//
// Its rules:
//   - Every file is served under a name that carries the hash of its content
//     (/static/app.3f2a91c4.css) and may be kept for ever; any other name is 404.
//   - References inside the style sheet are rewritten to the hashed names, so
//     that a changed font or drawing changes the style sheet's name too.
//   - Nothing comes from another host (rules.md 8); files are sent with their
//     exact type and nosniff.
package assets
