package client

import "iter"

// Paging chooses a page of a list.
type Paging struct {
	Limit  int    `query:"limit"`  // items at most: 20 when zero, 100 at most
	Cursor string `query:"cursor"` // NextCursor of the page before; empty for the first one
}

// List is one page of a list.
type List[T any] struct {
	Items      []T     `json:"items"`
	NextCursor *string `json:"next_cursor"` // nil on the last page
	Total      int64   `json:"total"`       // items of all pages together
}

// pageSize is how many items are asked for at once by what goes through a whole list.
const pageSize = 100

// every goes through all pages, holding one at a time. It ends at the first error,
// which it gives with the zero item.
func every[T any](start Paging, page func(Paging) (List[T], error)) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		p := start
		if p.Limit == 0 {
			p.Limit = pageSize
		}
		for {
			list, err := page(p)
			if err != nil {
				var none T
				yield(none, err)
				return
			}
			for _, item := range list.Items {
				if !yield(item, nil) {
					return
				}
			}
			if list.NextCursor == nil || *list.NextCursor == "" {
				return
			}
			p.Cursor = *list.NextCursor
		}
	}
}
