package app

import (
	"context"
	"fmt"
	"io"
)

// Migrate makes the installation, or brings its schema up to date.
func Migrate(ctx context.Context, c Config, log, out io.Writer) error {
	if err := c.checkDatabase(); err != nil {
		return err
	}
	b, err := open(ctx, c, log, toServe)
	if err != nil {
		return err
	}
	fmt.Fprintln(out, "the schema is up to date")
	return b.Close()
}
