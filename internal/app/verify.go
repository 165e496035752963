package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"

	"habilis/internal/audit"
	"habilis/internal/store"
)

// VerifyAudit checks the whole trail against the signed heads of a file, by
// default the one of the data folder. It reads the database itself, also beside a
// running server, which is not asked to vouch for its own trail. The first bad
// rows are written to out, with ErrFound.
func VerifyAudit(ctx context.Context, c Config, headsFile string, log, out io.Writer) error {
	if err := c.checkDatabase(); err != nil {
		return err
	}
	b, err := open(ctx, c, log, toRead)
	if err != nil {
		return err
	}
	return errors.Join(b.verifyAudit(ctx, headsFile, out), b.Close())
}

func (b *Base) verifyAudit(ctx context.Context, headsFile string, out io.Writer) error {
	kept, err := b.anchors(headsFile)
	if err != nil {
		return err
	}
	heads := make([]audit.Head, 0, len(kept.Heads))
	for _, h := range kept.Heads {
		heads = append(heads, h.Head())
	}
	var report audit.Report
	if err := b.DB.ReadLong(ctx, func(tx *store.Tx) (err error) {
		report, err = audit.Verify(ctx, tx, heads)
		return err
	}); err != nil {
		return err
	}
	fmt.Fprintf(out, "%d rows in %d chains, %d details erased, %d signed heads\n", report.Rows, report.Chains, report.Erased, len(heads))
	for _, n := range kept.Bad {
		fmt.Fprintf(out, "heads, line %d: not signed by this installation\n", n)
	}
	for _, p := range report.Problems {
		fmt.Fprintln(out, p)
	}
	if len(report.Problems)+len(kept.Bad) > 0 {
		return ErrFound
	}
	fmt.Fprintln(out, "the trail holds")
	return nil
}

// anchors reads the heads; a file that nobody named need not exist.
func (b *Base) anchors(headsFile string) (audit.Kept, error) {
	if headsFile != "" {
		return keptHeads(b, headsFile)
	}
	kept, err := keptHeads(b, b.Config.HeadsPath())
	if errors.Is(err, fs.ErrNotExist) {
		err = nil
	}
	return kept, err
}
