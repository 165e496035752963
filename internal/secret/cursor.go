package secret

import (
	"encoding/json"
	"fmt"

	"habilis/internal/fault"
)

// ErrCursor is the refusal of a cursor that this installation did not give, or
// gave for another list (INJ-04).
var ErrCursor = fault.New(fault.Malformed, "api.cursor")

// maxCursor bounds, in characters, what is read of a cursor: it comes from strangers.
const maxCursor = 2000

// Cursor writes where a page of a list ended, signed (rules.md 14). list names
// the list, its filters and its order: the cursor opens no other. The place can
// be read by whoever holds the cursor: it holds nothing that they did not see.
func (r *Ring) Cursor(list string, place any) (string, error) {
	body, err := json.Marshal(place)
	if err != nil {
		return "", fmt.Errorf("secret: cursor: %w", err)
	}
	return encoding.EncodeToString(append(r.MAC(UseCursor, cursorData(list, body)), body...)), nil
}

// OpenCursor reads into place what Cursor wrote for the same list. Errors: ErrCursor.
func (r *Ring) OpenCursor(list, cursor string, place any) error {
	if len(cursor) > maxCursor {
		return ErrCursor
	}
	b, err := encoding.DecodeString(cursor)
	if err != nil || len(b) < TagBytes {
		return ErrCursor
	}
	tag, body := b[:TagBytes], b[TagBytes:]
	if !r.VerifyMAC(UseCursor, cursorData(list, body), tag) || json.Unmarshal(body, place) != nil {
		return ErrCursor
	}
	return nil
}

func cursorData(list string, body []byte) []byte {
	return append([]byte(list+"\x00"), body...)
}
