package action

import (
	"context"
	"time"

	"habilis/internal/limit"
)

// Exports bounds the files of data that one person or token may take away, whatever they
// hold (security/rules.md 4).
var Exports = limit.Counter{Name: "export", Window: time.Hour, Max: 10}

// TakeExport counts one export by whoever acts, with its record or not at all. Errors:
// limit.ErrExceeded.
func TakeExport(ctx context.Context, tx *Tx) error {
	return Exports.Within(ctx, tx.Tx, tx.By.ID())
}
