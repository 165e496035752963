package ui

import (
	"context"
	"strings"

	"habilis/internal/text"
)

type printerKey struct{}

type liveKey struct{}

// WithText puts the printer of a page in the context. Layouts do it; call it
// only to render components without a layout, in a test or a fragment.
func WithText(ctx context.Context, p *text.Printer) context.Context {
	return context.WithValue(ctx, printerKey{}, p)
}

// printer answers the printer of the page, the French one when none was given:
// French comes first (package text).
func printer(ctx context.Context) *text.Printer {
	if p, ok := ctx.Value(printerKey{}).(*text.Printer); ok && p != nil {
		return p
	}
	return text.For(text.FR)
}

// word answers one fixed word of the components.
func word(ctx context.Context, key string, kv ...any) string {
	return printer(ctx).T(key, kv...)
}

// withLive marks what stands inside a Listing: its links and filters refresh
// the list in place when the page loads htmx.
func withLive(ctx context.Context) context.Context {
	return context.WithValue(ctx, liveKey{}, true)
}

func live(ctx context.Context) bool {
	on, _ := ctx.Value(liveKey{}).(bool)
	return on
}

// counted holds the sentence of each plural form with {n} in place of the
// number, so that the script counts in the page's language without words of its own.
type counted struct{ one, many, other string }

// Numbers that stand for each plural form of French and English (CLDR).
const (
	numberOne   = 1
	numberMany  = 1_000_000
	numberOther = 2
)

// countable makes the sentences of every plural form out of the function that
// says one count.
func countable(ctx context.Context, say func(n int) string) counted {
	form := func(n int) string {
		return strings.Replace(say(n), printer(ctx).Number(n), "{n}", 1)
	}
	return counted{one: form(numberOne), many: form(numberMany), other: form(numberOther)}
}
