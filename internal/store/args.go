package store

import (
	"strconv"
	"strings"
)

// Args gathers the arguments of a statement that is put together: Add keeps the
// value and gives the $n that stands for it.
type Args struct{ list []any }

// Add keeps v and returns its place, "$3".
func (a *Args) Add(v any) string {
	a.list = append(a.list, v)
	return "$" + strconv.Itoa(len(a.list))
}

// List gives the arguments in order.
func (a *Args) List() []any { return a.list }

// In keeps each value and returns the list for SQL: "($2, $3)". Of no values it
// gives "(null)", which equals nothing.
func In[T any](a *Args, values []T) string {
	if len(values) == 0 {
		return "(null)"
	}
	parts := make([]string, len(values))
	for i, v := range values {
		parts[i] = a.Add(v)
	}
	return "(" + strings.Join(parts, ", ") + ")"
}

// Rows gives the text of a multi-row VALUES list: n rows of width arguments each,
// "($1, $2), ($3, $4)".
func Rows(n, width int) string {
	var b strings.Builder
	for i := range n {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteByte('(')
		for j := range width {
			if j > 0 {
				b.WriteString(", ")
			}
			b.WriteByte('$')
			b.WriteString(strconv.Itoa(i*width + j + 1))
		}
		b.WriteByte(')')
	}
	return b.String()
}

// MoreRows gives the rows after the first of n, which a statement writes itself: a text of
// SQL stays whole, and the database is asked once. args holds the values of all of them.
func MoreRows(args *Args, n int) string {
	width := len(args.list) / n
	return strings.TrimPrefix(Rows(n, width), Rows(1, width))
}
