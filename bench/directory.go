package main

import "context"

// annuaire measures a load of 2,000,000 lines of the Annuaire Santé on each engine, and what
// it does to whoever writes or looks up meanwhile; its limits stand beside the code, the
// files are made by package bench/annuaire. It needs 2.5 GiB in TMPDIR: give it memory
// (TMPDIR=/dev/shm) where the disk is slow.
func annuaire(ctx context.Context) error {
	return goTest(ctx, "TestBenchDirectory", "./cmd/habilis")
}
