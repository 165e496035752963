package api

import (
	"slices"

	"habilis/internal/secret"
)

// List is one page of a list.
type List[T any] struct {
	Items      []T     `json:"items"`
	NextCursor *string `json:"next_cursor" doc:"Where the next page begins; null on the last one."`
	Total      int64   `json:"total" doc:"How many items all pages have together."`
}

// listed is a page that a noun cut.
func listed[S, T any](items []S, next string, total int64, document func(S) T) List[T] {
	l := List[T]{Items: make([]T, 0, len(items)), Total: total}
	for _, v := range items {
		l.Items = append(l.Items, document(v))
	}
	if next != "" {
		l.NextCursor = &next
	}
	return l
}

// cut says how a short list, which a noun gives whole, is cut into pages.
type cut[S, T any] struct {
	ring     *secret.Ring
	name     string // of the list, with its filters and order: a cursor opens no other
	page     Paged
	id       func(S) string
	document func(S) T
}

// of gives the page. Its cursor, signed like every other, holds the ID of the last
// item given. Errors: secret.ErrCursor, also once that item has gone.
func (c cut[S, T]) of(all []S) (*plainReply[List[T]], error) {
	start := 0
	if c.page.Cursor != "" {
		var last string
		if err := c.ring.OpenCursor(c.name, c.page.Cursor, &last); err != nil {
			return nil, err
		}
		if start = slices.IndexFunc(all, func(v S) bool { return c.id(v) == last }) + 1; start == 0 {
			return nil, secret.ErrCursor
		}
	}
	stop := min(start+c.page.Limit, len(all))
	next := ""
	if stop < len(all) {
		var err error
		if next, err = c.ring.Cursor(c.name, c.id(all[stop-1])); err != nil {
			return nil, err
		}
	}
	return replied(listed(all[start:stop], next, int64(len(all)), c.document)), nil
}
