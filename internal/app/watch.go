package app

import (
	"context"
	"fmt"
	"io"

	"habilis/internal/dossier"
)

// CompareDirectory makes the round of the night now: members are compared with what was
// loaded and with the API (VER-5).
type CompareDirectory struct{}

// Verb names the order, as the trail names what it writes.
func (CompareDirectory) Verb() string { return "alert.raise" }

// Do compares, and tells what came of it.
func (CompareDirectory) Do(ctx context.Context, b *Base, out io.Writer) error {
	r, err := b.Watch.Compare(ctx)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "%d members with an RPPS number, %d checked: %d changed, %d alerts raised, %d withdrawn.\n",
		r.Watched, r.Checked, r.Changed, r.Raised, r.Withdrawn)
	if r.Halted {
		fmt.Fprintf(out, "More than %d %% changed at once: nothing was raised. If the directory that was loaded is right, "+
			"confirm it with `habilis directory confirm`, and compare again.\n", dossier.MassPercent)
	}
	return nil
}

// ConfirmDirectory lets the next round raise however many alerts: the operator looked.
type ConfirmDirectory struct{}

// Verb names the order.
func (ConfirmDirectory) Verb() string { return "watch.confirm" }

// Do confirms.
func (ConfirmDirectory) Do(ctx context.Context, b *Base, out io.Writer) error {
	if err := b.Watch.Confirm(ctx, operator); err != nil {
		return err
	}
	fmt.Fprintln(out, "Confirmed: the next comparison raises every alert.")
	return nil
}

// watchHalted reports whether the watch waits for the operator.
func (b *Base) watchHalted() bool {
	ctx, cancel := context.WithTimeout(context.Background(), probeTime)
	defer cancel()
	halt, err := dossier.State(ctx, b.DB)
	if err != nil {
		b.Log.Warn("directory watch", "err", err)
	}
	return halt != nil
}

// watchRemark is the line of the probe.
func (b *Base) watchRemark() string {
	if b.watchHalted() {
		return "the watch of the directory is halted"
	}
	return ""
}
