package web

import (
	"net/url"
	"strconv"
)

// The fields that page a list.
const (
	fieldPage  = "page"
	fieldSize  = "size"
	fieldAfter = "after" // where it goes on
)

// queryOf writes the state of a list as a query: what is empty is as usual, and left out.
func queryOf(fields map[string]string) url.Values {
	q := url.Values{}
	for name, value := range fields {
		if value != "" {
			q.Set(name, value)
		}
	}
	return q
}

// unusual writes a number of a state; nothing when it is the usual one.
func unusual(n, usual int) string {
	if n == usual {
		return ""
	}
	return strconv.Itoa(n)
}

// inState is the address of a list in a state.
func inState(base string, q url.Values) string {
	if len(q) == 0 {
		return base
	}
	return base + "?" + q.Encode()
}
