package event

// Tells gives the kind that a verb tells; the second value is false for one that tells
// nothing.
func Tells(verb string) (Kind, bool) {
	t, ok := tells[verb]
	return t.kind, ok
}
